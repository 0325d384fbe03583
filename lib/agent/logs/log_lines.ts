/**
 * Reads a replica's output line by line: the last lines of both streams, and then, if wanted, what is added to them.
 * The files hold just what the process wrote, so a line's time is when the agent saw it, and for lines that were there
 * before, when their file last changed.
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import { logPath, type LogTail, readChunk, readTail, sizeOf, type Stream, STREAMS } from "./log_file.ts";
import { olderParts, partPath } from "./log_parts.ts";
import { LINE_FEED, LineSplitter } from "./line_splitter.ts";

/** One line of a replica's output. */
export interface LogLine {
  time: string;
  stream: Stream;
  replica: string;
  line: string;
}

export interface ReadLogsOptions {
  /** How many of the last lines of each stream come first. */
  tail: number;
  follow: boolean;
  /** One of the streams only. */
  stream?: Stream | undefined;
  clock: Clock;
  signal: AbortSignal;
}

export const TAIL_MAX = 10_000;
/** What is read of one file, and of all parts of a log together. */
const PART_BYTES_MAX = 4 * 1_024 * 1_024;
const TAIL_BYTES_MAX = 2 * PART_BYTES_MAX;
const POLL_MS = 200;

/** The lines, oldest first; ends when all are given, or with the signal when they are followed. */
export async function* readLogs(
  { folder, replica }: { folder: string; replica: string },
  options: ReadLogsOptions,
): AsyncGenerator<LogLine> {
  const followed: { stream: Stream; log: GrowingLog }[] = [];
  for (const stream of options.stream === undefined ? STREAMS : [options.stream]) {
    const path = logPath(folder, replica, stream);
    const last = await lastLines(path, options.tail);
    for (const line of last.lines) yield { time: last.changed, stream, replica, line };
    followed.push({ stream, log: new GrowingLog(path, last.from) });
  }
  while (options.follow && !options.signal.aborted) {
    for (const { stream, log } of followed) {
      for (const line of log.added()) {
        yield { time: new Date(options.clock.wall()).toISOString(), stream, replica, line };
      }
    }
    await pause(options);
  }
}

async function pause({ clock, signal }: ReadLogsOptions): Promise<void> {
  try {
    await clock.sleep(POLL_MS, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

interface LastLines {
  lines: string[];
  /** When the file was last written to. */
  changed: string;
  /** Up to where it was read, and the newest part that was there then. */
  from: Position;
}

async function lastLines(path: string, tail: number): Promise<LastLines> {
  const parts = olderParts(path);
  const newest = parts.at(-1) ?? 0;
  const current = await readTail(path, tail === 0 ? 0 : PART_BYTES_MAX);
  const older = await partsBefore(path, { parts, current, tail });
  // It was cut meanwhile: what was read as one does not belong together.
  if ((olderParts(path).at(-1) ?? 0) !== newest) return await lastLines(path, tail);
  const splitter = new LineSplitter();
  const texts = [...older, current?.bytes ?? new Uint8Array(0)];
  const lines = [...texts.flatMap((bytes) => splitter.push(bytes)), ...splitter.rest()];
  const changed = (current?.changed ?? new Date(0)).toISOString();
  return { lines: tail === 0 ? [] : lines.slice(-tail), changed, from: { part: newest, offset: current?.size ?? 0 } };
}

interface Before {
  parts: readonly number[];
  current: LogTail | undefined;
  tail: number;
}

/** As many of the older parts as it takes for so many lines, the oldest first. */
async function partsBefore(path: string, { parts, current, tail }: Before): Promise<Uint8Array<ArrayBuffer>[]> {
  const found: Uint8Array<ArrayBuffer>[] = [];
  let read = current?.bytes ?? new Uint8Array(0);
  let isWhole = read.length === (current?.size ?? 0);
  let [lines, bytes] = [linesIn(read), read.length];
  for (const part of parts.toReversed()) {
    // The first of them may have begun in the part before.
    if (!isWhole || lines > tail || bytes >= TAIL_BYTES_MAX) break;
    const older = await readTail(partPath(path, part), Math.min(PART_BYTES_MAX, TAIL_BYTES_MAX - bytes));
    if (older === undefined) break;
    read = older.bytes;
    isWhole = read.length === older.size;
    lines += linesIn(read);
    bytes += read.length;
    found.unshift(read);
  }
  return found;
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1;
  return lines;
}

/** A place in a log: its newest older part there, and how far the file after that was read. */
interface Position {
  part: number;
  offset: number;
}

/**
 * A log that a process appends to and this agent cuts. Each look at its files and what is read after it are one step, in
 * which nothing is cut.
 */
class GrowingLog {
  readonly #path: string;
  readonly #splitter = new LineSplitter();
  #part: number;
  #offset: number;

  constructor(path: string, { part, offset }: Position) {
    this.#path = path;
    this.#part = part;
    this.#offset = offset;
  }

  /** The lines that were completed since. */
  *added(): Generator<string> {
    for (let chunk = this.#next(); chunk.length > 0; chunk = this.#next()) yield* this.#splitter.push(chunk);
  }

  #next(): Uint8Array {
    for (let part = this.#nextPart(); part !== undefined; part = this.#nextPart()) {
      // The file that was read so far has become that part, so that what is missing of it is there.
      const chunk = readChunk(partPath(this.#path, part), this.#offset);
      this.#offset += chunk.length;
      if (chunk.length > 0) return chunk;
      this.#part = part;
      this.#offset = 0;
    }
    const chunk = readChunk(this.#path, this.#offset);
    this.#offset += chunk.length;
    return chunk;
  }

  #nextPart(): number | undefined {
    const next = this.#part + 1;
    if (sizeOf(partPath(this.#path, next)) > 0) return next;
    if (sizeOf(this.#path) >= this.#offset) return undefined;
    // It was cut, and the part is gone already: what was in it is lost, and those after it are read in full.
    this.#offset = 0;
    return olderParts(this.#path).find((part) => part > next);
  }
}
