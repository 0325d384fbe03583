/**
 * Reads a replica's output line by line: the last lines of both streams, and then, if wanted, what is added to them.
 * The files hold just what the process wrote, so a line's time is when the agent saw it, and for lines that were there
 * before, when their file last changed.
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import { logPath, olderPath, openLog, readTail, type Stream, STREAMS } from "./log_file.ts";
import { LineSplitter } from "./line_splitter.ts";

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
const TAIL_BYTES_MAX = 4 * 1_024 * 1_024;
const POLL_MS = 200;

/** The lines, oldest first; ends when all are given, or with the signal when they are followed. */
export async function* readLogs(
  { folder, replica }: { folder: string; replica: string },
  options: ReadLogsOptions,
): AsyncGenerator<LogLine> {
  const followed: { stream: Stream; file: GrowingFile }[] = [];
  for (const stream of options.stream === undefined ? STREAMS : [options.stream]) {
    const path = logPath(folder, replica, stream);
    const last = await lastLines(path, options.tail);
    for (const line of last.lines) yield { time: last.changed, stream, replica, line };
    followed.push({ stream, file: new GrowingFile(path, last.offset) });
  }
  while (options.follow && !options.signal.aborted) {
    for (const { stream, file } of followed) {
      for await (const line of file.added()) {
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
  /** Up to where it was read. */
  offset: number;
}

async function lastLines(path: string, tail: number): Promise<LastLines> {
  const [older, current] = [await readTail(olderPath(path), TAIL_BYTES_MAX), await readTail(path, TAIL_BYTES_MAX)];
  const splitter = new LineSplitter();
  const texts = [older, current].map((part) => part?.bytes ?? new Uint8Array(0));
  const lines = tail === 0 ? [] : [...texts.flatMap((bytes) => [...splitter.push(bytes)]), ...splitter.rest()];
  const changed = (current?.changed ?? new Date(0)).toISOString();
  return { lines: lines.slice(-tail), changed, offset: current?.size ?? 0 };
}

/** A file that a process appends to and the agent cuts. */
class GrowingFile {
  readonly #path: string;
  readonly #splitter = new LineSplitter();
  #offset: number;

  constructor(path: string, offset: number) {
    this.#path = path;
    this.#offset = offset;
  }

  /** The lines that were completed since. */
  async *added(): AsyncGenerator<string> {
    using file = await openLog(this.#path, { read: true });
    if (file === undefined) return;
    if ((await file.stat()).size < this.#offset) {
      // It was cut: what is missing of it lies in its older part.
      using older = await openLog(olderPath(this.#path), { read: true });
      if (older !== undefined) yield* this.#read(older);
      this.#offset = 0;
    }
    yield* this.#read(file);
  }

  async *#read(file: Deno.FsFile): AsyncGenerator<string> {
    await file.seek(this.#offset, Deno.SeekMode.Start);
    const buffer = new Uint8Array(READ_BYTES);
    for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
      this.#offset += count;
      yield* this.#splitter.push(buffer.subarray(0, count));
    }
  }
}

const READ_BYTES = 64 * 1_024;
