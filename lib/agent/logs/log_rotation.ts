/**
 * Keeps the replicas' logs within the bounds of their specs. The processes hold their files open, so a file that has
 * grown too large is copied to a new older part and cut: they append, and go on at its new end. What a replica writes
 * between copy and cut is lost; how far a file overshoots is what it grows by between two looks. Tells of floods.
 * @module
 */
import { type LogLimits, LOGS_USUAL, readSizeBytes } from "../../cluster/log_limits.ts";
import type { Observation } from "../../cluster/replica.ts";
import { type Clock, pause } from "../../runtime/clock.ts";
import { parseDurationMs } from "../../runtime/duration.ts";
import { getLog } from "../../runtime/log.ts";
import type { SessionInput } from "../session/effect.ts";
import { removeGoneLogs } from "./gone_logs.ts";
import { noteKeep } from "./kept_for.ts";
import { floodInWords, type LogPace, LOOK_BYTES, lookAfterMs, paceAfter, QUIET } from "./log_flood.ts";
import { logPath, openLog, sizeOf, type Stream, STREAMS } from "./log_file.ts";
import { keepNewest, olderParts, partPath, removeOldParts } from "./log_parts.ts";

/** What the logs of a replica may hold that is gone, and writes on nevertheless. */
const GONE_MAX_BYTES = readSizeBytes(LOGS_USUAL.max_size)!;
/** Between looks at what other replicas have left. */
const SWEEP_MS = 60_000;
const COPY_BYTES = 256 * 1_024;

const log = getLog("logs");

export interface RotationOptions {
  clock: Clock;
  signal: AbortSignal;
  /** What was last seen of the replicas that are here. */
  replicas: ReadonlyMap<string, Pick<Observation, "instance">>;
  /** What the spec of a replica that is ordered says of its logs. */
  limitsOf: (replica: string) => LogLimits | undefined;
  report: (input: SessionInput) => void;
}

/** What the last look saw of a replica that writes. */
interface Writer {
  instance: string | null;
  lookedMs: number;
  /** Where its files ended, counted from where they were cut last: growth since is what lies beyond. */
  ends: Record<Stream, number>;
  pace: LogPace;
  /** As they were when it was ordered last. */
  limits: LogLimits;
  /** Said once, until a look succeeds again. */
  troubled: boolean;
}

/** Looks after the logs in the folder until the signal is aborted. */
export async function keepLogsWithinBounds(folder: string, options: RotationOptions): Promise<void> {
  const { clock, signal, replicas } = options;
  const writers = new Map<string, Writer>();
  for (let sweepMs = -Infinity; !signal.aborted;) {
    if (clock.now() >= sweepMs) {
      await sweep(folder, writers, options);
      sweepMs = clock.now() + SWEEP_MS;
    }
    for (const replica of writers.keys()) if (!replicas.has(replica)) writers.delete(replica);
    for (const replica of replicas.keys()) await look({ folder, replica }, writers, options);
    const paces = [...writers.values()].map(({ pace }) => pace);
    await pause(clock, lookAfterMs(paces), signal);
  }
}

/** Measures what a replica wrote since the last look, tells if that is a flood, and cuts what has become too large. */
async function look(
  { folder, replica }: { folder: string; replica: string },
  writers: Map<string, Writer>,
  { clock, replicas, limitsOf, report }: RotationOptions,
): Promise<void> {
  const instance = replicas.get(replica)?.instance ?? null;
  const before = writers.get(replica);
  const limits = limitsOf(replica) ?? before?.limits ?? LOGS_USUAL;
  const ends = { out: 0, err: 0 };
  const writer: Writer = { instance, lookedMs: clock.now(), ends, pace: QUIET, limits, troubled: false };
  writers.set(replica, writer);
  try {
    if (before?.limits.keep !== limits.keep) noteKeep(folder, replica, limits.keep);
    for (const stream of STREAMS) writer.ends[stream] = sizeOf(logPath(folder, replica, stream));
    if (before !== undefined && before.instance === instance) writer.pace = paceBetween(before, writer);
    const flood = floodInWords(writer.pace);
    if (flood !== undefined && instance !== null) {
      log.warn("A replica floods its log and is stopped", { replica, instance, reason: flood });
      report({ kind: "flooded", instance, reason: flood });
      // It goes on until it is stopped: the looks stay frequent.
      writer.pace = { ...QUIET, bytesPerS: writer.pace.bytesPerS };
    }
    for (const stream of STREAMS) {
      const maxBytes = readSizeBytes(limits.max_size) ?? GONE_MAX_BYTES;
      // Where it was cut counts as 0: what it has grown by until then is counted with the next look.
      if (ends[stream] > maxBytes) {
        const kept = { partBytesMax: maxBytes + LOOK_BYTES, partsMax: limits.max_files - 1 };
        ends[stream] -= await rotateLog(logPath(folder, replica, stream), kept);
      }
    }
  } catch (error) {
    if (!before?.troubled) log.warn("Cannot keep a replica's log within its bounds", { replica, error });
    writer.troubled = true;
  }
}

function paceBetween(before: Writer, now: Writer): LogPace {
  let bytes = 0;
  for (const stream of STREAMS) {
    const grown = now.ends[stream] - before.ends[stream];
    // A file that is smaller than it was has been cut by somebody else.
    bytes += grown < 0 ? now.ends[stream] : grown;
  }
  return paceAfter(before.pace, { bytes, ms: now.lookedMs - before.lookedMs });
}

/**
 * Removes what is too old, and looks after what lies in the folder and belongs to no replica that is here. A folder out
 * of reach may come back.
 */
async function sweep(
  folder: string,
  writers: ReadonlyMap<string, Writer>,
  { clock, replicas }: RotationOptions,
): Promise<void> {
  try {
    removeOldParts(folder, (name) => {
      const limits = writers.get(name.slice(0, name.lastIndexOf(".")))?.limits;
      return limits && clock.wall() - parseDurationMs(limits.keep);
    });
    for (const { path, bytes } of removeGoneLogs(folder, { clock, replicas })) {
      const isWrittenTo = STREAMS.some((stream) => path.endsWith(`.${stream}`));
      const kept = { partBytesMax: GONE_MAX_BYTES + LOOK_BYTES, partsMax: 1 };
      if (bytes > GONE_MAX_BYTES && isWrittenTo) await rotateLog(path, kept);
    }
  } catch (error) {
    log.warn("Cannot remove old logs, and keep those of replicas that are gone within bounds: trying on", {
      folder,
      error,
    });
  }
}

/** What stays of what is cut off. */
export interface Kept {
  partBytesMax: number;
  /** How many older parts there may be, with the new one. */
  partsMax: number;
}

/** Moves what the file holds, or the end of it, to a new older part. Gives where it was cut. */
export async function rotateLog(path: string, { partBytesMax, partsMax }: Kept): Promise<number> {
  using file = await openLog(path, { read: true, write: true });
  if (file === undefined) return 0;
  const part = partPath(path, (olderParts(path).at(-1) ?? 0) + 1);
  keepNewest(path, partsMax - 1);
  const draft = `${path}.new`;
  using copy = await openLog(draft, { write: true, create: true, truncate: true, mode: 0o600 });
  if (copy === undefined) return 0;
  const leftBytes = await copyEnd(file, copy, partBytesMax);
  // From here on it is one step: little is written meanwhile, and nobody reads the part beside what it was cut off from.
  copyRest(file, copy, leftBytes);
  Deno.renameSync(draft, part);
  const { size: cutAt } = file.statSync();
  file.truncateSync(0);
  return cutAt;
}

/** Gives how many more bytes may be copied. */
async function copyEnd(file: Deno.FsFile, copy: Deno.FsFile, bytesMax: number): Promise<number> {
  const { size } = await file.stat();
  // A flood may have grown it far beyond: to copy all of that would only let it grow further.
  await file.seek(Math.max(0, size - bytesMax), Deno.SeekMode.Start);
  const buffer = new Uint8Array(COPY_BYTES);
  let leftBytes = bytesMax;
  for (let count = await file.read(buffer); count !== null && leftBytes > 0; count = await file.read(buffer)) {
    leftBytes -= count;
    for (let written = 0; written < count;) written += await copy.write(buffer.subarray(written, count));
  }
  return leftBytes;
}

function copyRest(file: Deno.FsFile, copy: Deno.FsFile, bytesMax: number): void {
  const buffer = new Uint8Array(COPY_BYTES);
  let leftBytes = bytesMax;
  for (let count = leftBytes > 0 ? file.readSync(buffer) : null; count !== null && leftBytes > 0;) {
    leftBytes -= count;
    for (let written = 0; written < count;) written += copy.writeSync(buffer.subarray(written, count));
    count = file.readSync(buffer);
  }
}
