import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ApplyOutcome, keepApplied } from "../../../lib/controller/source/keep_applied.ts";
import type { SourceReading, SpecSource } from "../../../lib/controller/source/source.ts";
import type { Clock } from "../../../lib/runtime/clock.ts";
import { setupLog } from "../../../lib/runtime/log.ts";

/** A time in which all sleep until the test has them look again. */
class HandClock implements Clock {
  #nowMs = 0;
  #sleepers = new Map<() => void, number>();
  #asleep = Promise.withResolvers<void>();
  readonly #expected: number;

  constructor(expected: number) {
    this.#expected = expected;
  }

  now = () => this.#nowMs;
  wall = this.now;

  sleep = (ms: number, { signal }: { signal?: AbortSignal } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    this.#sleepers.set(resolve, this.#nowMs + ms);
    if (this.#sleepers.size === this.#expected) this.#asleep.resolve();
    return promise;
  };

  /** Resolves when everybody sleeps. */
  async settled(): Promise<void> {
    await this.#asleep.promise;
  }

  async pass(ms: number): Promise<void> {
    await this.settled();
    this.#nowMs += ms;
    this.#asleep = Promise.withResolvers();
    for (const [wake, atMs] of this.#sleepers) {
      if (atMs > this.#nowMs) continue;
      this.#sleepers.delete(wake);
      wake();
    }
    if (this.#sleepers.size === this.#expected) this.#asleep.resolve();
    await this.settled();
  }
}

interface Kept {
  clock: HandClock;
  /** What the next looks find, by source. */
  found: Record<string, SourceReading>;
  /** What is made of the next content. */
  outcome: ApplyOutcome;
  /** What was told, as `<kind> <text>`, since the last call. */
  told(): string[];
  /** `<source> <version>`, as it was applied; with a mark where nothing of the source was before. */
  applied: string[];
  /** Levels and messages logged since the last call. */
  logged(): string[];
  done: Promise<void>;
}

const EVERY_MS = 1_000;
const spec = (version: string): SourceReading => ({ kind: "text", texts: [{ name: "a", text: version }], version });

function applied(...changed: string[]): ApplyOutcome {
  return { kind: "applied", changed, left: new Map() };
}

async function keeping(
  { sources = ["a"], ...start }: { sources?: string[]; found: Kept["found"]; outcome?: ApplyOutcome },
  fn: (kept: Kept) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  const lines: string[] = [];
  setupLog({ format: "json", level: "debug", write: (line) => lines.push(line) });
  const clock = new HandClock(sources.length);
  const told: string[] = [];
  const kept: Kept = {
    clock,
    found: start.found,
    outcome: start.outcome ?? applied("web"),
    applied: [],
    told: () => told.splice(0),
    logged: () => lines.splice(0).map((line) => JSON.parse(line)).map(({ level, msg }) => `${level} ${msg}`),
    done: Promise.resolve(),
  };
  const specSources = sources.map((name, at): SpecSource => ({
    name,
    everyMs: EVERY_MS * (at + 1),
    read: ({ seen }) => {
      const reading = kept.found[name]!;
      return Promise.resolve(
        reading.kind === "text" && reading.version === seen ? { kind: "unchanged" as const } : reading,
      );
    },
  }));
  kept.done = keepApplied(specSources, {
    clock,
    signal: ending.signal,
    tell: ({ kind, text }) => told.push(`${kind} ${text}`),
    apply: ({ source, texts, isFirst }) => {
      kept.applied.push(`${source} ${texts[0]?.text}${isFirst ? "*" : ""}`);
      return Promise.resolve(kept.outcome);
    },
  });
  try {
    await clock.settled();
    await fn(kept);
  } finally {
    ending.abort();
    await kept.done;
    setupLog({ format: "json", level: "error" });
  }
}

Deno.test("keepApplied() applies each source at the start, in the order given, and then only what has changed", () =>
  keeping({ sources: ["a", "b"], found: { a: spec("1"), b: spec("1") } }, async ({ clock, applied, found }) => {
    assertEquals(applied.splice(0), ["a 1*", "b 1*"]);
    await clock.pass(2 * EVERY_MS);
    assertEquals(applied, []);
    [found.a, found.b] = [spec("2"), spec("2")];
    await clock.pass(EVERY_MS);
    assertEquals(applied, ["a 2"], "each is looked at in its own time");
    await clock.pass(EVERY_MS);
    assertEquals(applied, ["a 2", "b 2"]);
  }));

Deno.test("keepApplied() says what it applied, and nothing grave when that changes nothing", () =>
  keeping({ found: { a: spec("1") } }, async (kept) => {
    assertEquals(kept.told(), ["file_applied applied a: web"]);
    kept.outcome = applied();
    kept.found.a = spec("2");
    await kept.clock.pass(EVERY_MS);
    assertEquals(kept.told(), []);
  }));

Deno.test("keepApplied() tells which services were left as they are, as what the source says was given up", () =>
  keeping(
    { found: { a: spec("1") }, outcome: { kind: "applied", changed: [], left: new Map([["web", 2]]) } },
    (kept) => {
      const [line = "", ...more] = kept.told();
      assertStringIncludes(line, "file_given_up a says of web what generation 2 was, which was given up");
      assertEquals(more, []);
      return Promise.resolve();
    },
  ));

Deno.test("keepApplied() tries what was refused again when it has changed, and tells it once", () =>
  keeping({ found: { a: spec("1") }, outcome: { kind: "refused", reason: "no such field" } }, async (kept) => {
    const [line, ...more] = kept.told();
    assertStringIncludes(line ?? "", "file_refused Cannot apply a: no such field; nothing of it is applied");
    assertEquals(more, []);
    for (let look = 0; look < 3; look++) await kept.clock.pass(EVERY_MS);
    assertEquals([kept.applied, kept.told()], [["a 1*"], []]);
    kept.outcome = applied("web");
    kept.found.a = spec("2");
    await kept.clock.pass(EVERY_MS);
    assertEquals([kept.applied.at(-1), kept.told()], ["a 2", ["file_applied applied a: web"]]);
  }));

Deno.test("keepApplied() tries again by itself what can't be applied yet, and tells it once", () =>
  keeping({ found: { a: spec("1") }, outcome: { kind: "later", reason: "too many writes" } }, async (kept) => {
    await kept.clock.pass(EVERY_MS);
    assertEquals(kept.applied, ["a 1*", "a 1*"]);
    assertEquals(kept.logged(), ["warn Cannot apply a yet: too many writes"]);
    kept.outcome = applied("web");
    await kept.clock.pass(EVERY_MS);
    await kept.clock.pass(EVERY_MS);
    assertEquals([kept.applied.length, kept.told()], [3, ["file_applied applied a: web"]]);
  }));

Deno.test("keepApplied() removes nothing when a source is gone, and says so", () =>
  keeping({ found: { a: spec("1") } }, async (kept) => {
    kept.logged();
    kept.found.a = { kind: "missing" };
    await kept.clock.pass(EVERY_MS);
    await kept.clock.pass(EVERY_MS);
    const [line, ...more] = kept.logged();
    assertStringIncludes(line ?? "", "warn a is gone: what it described stays as it is");
    assertEquals([more, kept.applied], [[], ["a 1*"]]);

    kept.found.a = spec("1");
    await kept.clock.pass(EVERY_MS);
    assertEquals([kept.applied, kept.logged()], [["a 1*"], ["info a can be read again"]]);
  }));

Deno.test("keepApplied() tells once that a source turns bad, and once that it is well again", () =>
  keeping({ found: { a: { kind: "missing" } } }, async (kept) => {
    assertEquals(kept.logged(), ["warn a is not there: it is applied as soon as it is"]);
    kept.found.a = { kind: "failed", reason: "the disk is broken" };
    for (let look = 0; look < 3; look++) await kept.clock.pass(EVERY_MS);
    assertEquals(kept.logged(), ["warn Cannot read a: the disk is broken; it is tried again"]);
    kept.found.a = spec("1");
    await kept.clock.pass(EVERY_MS);
    assertEquals(kept.logged(), ["info a can be read again"]);
  }));

Deno.test("keepApplied() rejects when apply does", async () => {
  const source: SpecSource = { name: "a", everyMs: EVERY_MS, read: () => Promise.resolve(spec("1")) };
  const apply = () => Promise.reject(new Error("a bug"));
  const signal = new AbortController().signal;
  await assertRejects(
    () => keepApplied([source], { clock: new HandClock(1), signal, apply, tell: () => {} }),
    Error,
    "a bug",
  );
});
