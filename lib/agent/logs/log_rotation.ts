/**
 * Keeps the replicas' logs within bounds. The processes hold their files open, so a file that has grown too large is
 * copied to its older part and cut: they append, and go on at its new end. What a replica writes between the copy and
 * the cut is lost; how far a file overshoots is what it grows by between two looks. Tells of replicas that flood.
 * @module
 */
import type { Observation } from "../../cluster/replica.ts";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import type { SessionInput } from "../session/effect.ts";
import { removeGoneLogs } from "./gone_logs.ts";
import { floodInWords, type LogPace, lookAfterMs, paceAfter, QUIET } from "./log_flood.ts";
import { logPath, olderPath, openLog, type Stream, STREAMS } from "./log_file.ts";

/** The size at which a log is cut. Its older part holds at most twice as much. */
export const SIZE_MAX_BYTES = 10 * 1_024 * 1_024;
/** Between looks at what other replicas have left. */
const SWEEP_MS = 60_000;
const COPY_BYTES = 256 * 1_024;

const log = getLog("logs");

export interface RotationOptions {
  clock: Clock;
  signal: AbortSignal;
  /** What was last seen of the replicas that are here. */
  replicas: ReadonlyMap<string, Pick<Observation, "instance">>;
  report: (input: SessionInput) => void;
}

/** What the last look saw of a replica that writes. */
interface Writer {
  instance: string | null;
  lookedMs: number;
  /** Where its files ended, counted from where they were cut last: growth since is what lies beyond. */
  ends: Record<Stream, number>;
  pace: LogPace;
  /** Said once, until a look succeeds again. */
  troubled: boolean;
}

/** Looks after the logs in the folder until the signal is aborted. */
export async function keepLogsWithinBounds(folder: string, options: RotationOptions): Promise<void> {
  const { clock, signal, replicas } = options;
  const writers = new Map<string, Writer>();
  for (let sweepMs = -Infinity; !signal.aborted;) {
    if (clock.now() >= sweepMs) {
      await sweep(folder, options);
      sweepMs = clock.now() + SWEEP_MS;
    }
    for (const replica of writers.keys()) if (!replicas.has(replica)) writers.delete(replica);
    for (const replica of replicas.keys()) await look({ folder, replica }, writers, options);
    const paces = [...writers.values()].map(({ pace }) => pace);
    await clock.sleep(lookAfterMs(paces), { signal }).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** Measures what a replica wrote since the last look, tells if that is a flood, and cuts what has become too large. */
async function look(
  { folder, replica }: { folder: string; replica: string },
  writers: Map<string, Writer>,
  { clock, replicas, report }: RotationOptions,
): Promise<void> {
  const instance = replicas.get(replica)?.instance ?? null;
  const before = writers.get(replica);
  const writer: Writer = { instance, lookedMs: clock.now(), ends: { out: 0, err: 0 }, pace: QUIET, troubled: false };
  writers.set(replica, writer);
  try {
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
      const seen = writer.ends[stream];
      // Where it was cut counts as 0: what it has grown by until then is counted with the next look.
      if (seen > SIZE_MAX_BYTES) {
        writer.ends[stream] -= await rotateLog(logPath(folder, replica, stream), SIZE_MAX_BYTES);
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

/** Looks after what lies in the folder and belongs to no replica that is here. A folder out of reach may come back. */
async function sweep(folder: string, options: RotationOptions): Promise<void> {
  try {
    for (const { path, bytes } of removeGoneLogs(folder, options)) {
      if (bytes > SIZE_MAX_BYTES && !path.endsWith(olderPath(""))) await rotateLog(path, SIZE_MAX_BYTES);
    }
  } catch (error) {
    log.warn("Cannot keep the logs of replicas that are gone within bounds: trying on", { folder, error });
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return 0;
  }
}

/** Moves the end of what the file holds, at most twice `keepBytes`, to its older part. Gives where it was cut. */
export async function rotateLog(path: string, keepBytes: number): Promise<number> {
  using file = await openLog(path, { read: true, write: true });
  if (file === undefined) return 0;
  using older = await openLog(olderPath(path), { write: true, create: true, truncate: true, mode: 0o600 });
  if (older === undefined) return 0;
  const { size } = await file.stat();
  // A flood may have grown it far beyond: to copy all of that would only let it grow further.
  await file.seek(Math.max(0, size - 2 * keepBytes), Deno.SeekMode.Start);
  const buffer = new Uint8Array(COPY_BYTES);
  let leftBytes = 2 * keepBytes;
  for (let count = await file.read(buffer); count !== null && leftBytes > 0; count = await file.read(buffer)) {
    leftBytes -= count;
    for (let written = 0; written < count;) written += await older.write(buffer.subarray(written, count));
  }
  const { size: cutAt } = await file.stat();
  await file.truncate(0);
  return cutAt;
}
