/**
 * Keeps what sources of specs say applied: looks at each of them at the start, in the order given, and then again and
 * again, and hands new content to `apply`. What was refused is tried again when it has changed. What is gone removes
 * nothing: a file that is missing by mistake must not stop services.
 * @module
 */
import type { Happening } from "../../cluster/event.ts";
import { aborted } from "../../runtime/aborted.ts";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import type { SourceReading, SpecSource, SpecText } from "./source.ts";

const log = getLog("files");

/** What has become of one version of a source. */
export type ApplyOutcome =
  /**
   * The names of the services that it changed, none where all was so already; and those that were left as they are, with
   * the generation of theirs that ran what the source says and was given up.
   */
  | { kind: "applied"; changed: readonly string[]; left: ReadonlyMap<string, number> }
  | { kind: "refused"; reason: string }
  /** Not now, through no fault of the content. */
  | { kind: "later"; reason: string };

export type ApplySpecs = (
  specs: {
    source: string;
    texts: readonly SpecText[];
    /** Nothing of the source was applied since the start. */
    isFirst: boolean;
  },
  options: { signal: AbortSignal },
) => Promise<ApplyOutcome>;

export interface KeepAppliedOptions {
  apply: ApplySpecs;
  /** Takes what is worth telling people. */
  tell: (happening: Happening) => void;
  clock: Clock;
  signal: AbortSignal;
}

/** Resolves once the signal is aborted. Rejects only when `apply` does. */
export async function keepApplied(sources: readonly SpecSource[], options: KeepAppliedOptions): Promise<void> {
  const { signal } = options;
  const kept = sources.map((source) => ({ source, look: watch(source, options) }));
  try {
    // One after the other: where two say something about a service, the later one has the last word.
    for (const { look } of kept) await look();
    await Promise.all([aborted(signal), ...kept.map((one) => keepLooking(one, options))]);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function keepLooking(
  { source: { everyMs }, look }: { source: SpecSource; look: () => Promise<void> },
  { clock, signal }: KeepAppliedOptions,
): Promise<void> {
  while (true) {
    await clock.sleep(everyMs, { signal });
    await look();
  }
}

/** One look at a source, which remembers the looks before. */
function watch(source: SpecSource, { apply, tell, signal }: KeepAppliedOptions): () => Promise<void> {
  let seen: string | undefined;
  const condition = tellCondition(source);
  const tellWait = tellOnce((reason) =>
    log.warn(`Cannot apply ${source.name} yet: ${reason}`, { source: source.name })
  );
  return async () => {
    const reading = await source.read({ seen, signal });
    condition(reading, { applied: seen !== undefined });
    if (reading.kind !== "text" || reading.version === seen) return;
    const outcome = await apply({ source: source.name, texts: reading.texts, isFirst: seen === undefined }, { signal });
    tellWait(outcome.kind === "later" ? outcome.reason : undefined);
    if (outcome.kind === "later") return;
    seen = reading.version;
    for (const happening of newsOf(source.name, outcome)) tell(happening);
  };
}

/** That a source changes nothing is no news. */
function newsOf(source: string, outcome: Exclude<ApplyOutcome, { kind: "later" }>): Happening[] {
  if (outcome.kind === "refused") {
    const next = "nothing of it is applied; it is tried again when it has changed";
    return [{ kind: "file_refused", severity: "warn", text: `Cannot apply ${source}: ${outcome.reason}; ${next}` }];
  }
  const { changed, left } = outcome;
  const givenUp = [...left].map(([service, generation]): Happening => {
    const text =
      `${source} says of ${service} what generation ${generation} was, which was given up: ${service} is left ` +
      "as it is; change the file, or apply it by command to try it again";
    return { kind: "file_given_up", severity: "warn", text, service };
  });
  if (changed.length === 0) return givenUp;
  return [{ kind: "file_applied", severity: "info", text: `applied ${source}: ${changed.join(", ")}` }, ...givenUp];
}

/** Tells when a source turns bad, and when it is well again; not what happens with each look. */
function tellCondition({ name: source }: SpecSource): (reading: SourceReading, past: { applied: boolean }) => void {
  let isBad = false;
  const tell = tellOnce((message) => log.warn(message, { source }));
  return (reading, { applied }) => {
    const trouble = troubleOf(reading, { source, applied });
    tell(trouble);
    if (isBad && trouble === undefined) log.info(`${source} can be read again`, { source });
    isBad = trouble !== undefined;
  };
}

function troubleOf(reading: SourceReading, { source, applied }: { source: string; applied: boolean }) {
  if (reading.kind === "failed") return `Cannot read ${source}: ${reading.reason}; it is tried again`;
  if (reading.kind !== "missing") return undefined;
  return applied
    ? `${source} is gone: what it described stays as it is; remove services by command if they are to go`
    : `${source} is not there: it is applied as soon as it is`;
}

/** Tells a text when it is another one than before; undefined is a silence that makes it new. */
function tellOnce(tell: (text: string) => void): (text: string | undefined) => void {
  let told: string | undefined;
  return (text) => {
    if (text !== undefined && text !== told) tell(text);
    told = text;
  };
}
