/**
 * The access log between the requests and where its lines go. Noting a request appends to a list in memory and nothing
 * else; `writeAccessLog` takes what has gathered and waits for the disk on its own. When that can't keep up, lines are
 * dropped and counted, and a line says how many: a request never waits for its log.
 * @module
 */
import { aborted } from "../../runtime/aborted.ts";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import type { Random } from "../../runtime/random.ts";
import { type Access, type AccessFormat, accessLine, droppedLine } from "./access_line.ts";

const FLUSH_MS = 200;
/** In characters, as the two below: most lines are ASCII, where one is a byte. */
const FLUSH_CHARS = 64 * 1_024;
const WAITING_CHARS_MAX = 4 * 1_024 * 1_024;
/** At the end, for a disk that is slow. */
const LAST_WRITE_MS = 1_000;

const SERVER_ERROR = 500;

const log = getLog("ingress.access");

/** Where lines go: all of the text, or an error. */
export interface LogOutput {
  write(text: string): Promise<void>;
  close(): void;
}

export interface AccessLogOptions {
  format: AccessFormat;
  /** Of the requests that went well, from 0 to 1; those with a status from 500 on, and answers that broke off, always. */
  share: number;
  random: Random;
  waitingCharsMax?: number;
}

interface Taken {
  text: string;
  /** How many of its lines are requests. */
  lines: number;
  /** How many requests its last line says are missing. */
  dropped: number;
}

/** The lines that wait to be written. */
export class AccessLog {
  readonly #options: AccessLogOptions;
  readonly #waitingMax: number;
  #lines: string[] = [];
  #chars = 0;
  #full = new AbortController();
  #dropped = 0;
  /** Over all time, for the metrics. */
  droppedTotal = 0;

  constructor(options: AccessLogOptions) {
    this.#options = options;
    this.#waitingMax = options.waitingCharsMax ?? WAITING_CHARS_MAX;
  }

  /** Notes a request that has ended. */
  note(access: Access): void {
    if (!this.#isSampled(access)) return;
    if (this.#chars >= this.#waitingMax) return this.#drop(1);
    const line = `${accessLine(access, this.#options.format)}\n`;
    this.#lines.push(line);
    this.#chars += line.length;
    if (this.#chars >= FLUSH_CHARS && !this.#full.signal.aborted) this.#full.abort();
  }

  /** Aborted as soon as there is enough for a write; anew after each `take()`. */
  get full(): AbortSignal {
    return this.#full.signal;
  }

  /** What waits. `time` is for the line about those that were dropped. */
  take(time: number): Taken {
    const dropped = this.#dropped;
    const notice = dropped === 0 ? "" : `${droppedLine({ time, lines: dropped }, this.#options.format)}\n`;
    const taken = { text: this.#lines.join("") + notice, lines: this.#lines.length, dropped };
    this.#lines = [];
    this.#chars = 0;
    this.#dropped = 0;
    if (this.#full.signal.aborted) this.#full = new AbortController();
    return taken;
  }

  /** What was taken could not be written: neither its lines nor the one about others. */
  lost({ lines, dropped }: Taken): void {
    this.#dropped += dropped;
    this.#drop(lines);
  }

  #drop(lines: number): void {
    this.#dropped += lines;
    this.droppedTotal += lines;
  }

  #isSampled({ status, ended }: Access): boolean {
    const { share, random } = this.#options;
    return status >= SERVER_ERROR || ended === "broken" || share >= 1 || random.next() < share;
  }
}

/** Writes what gathers in the log, until the signal is aborted; then what is left, and closes the output. */
export async function writeAccessLog(
  accessLog: AccessLog,
  output: LogOutput,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const written = new AbortController();
  const writing = keepWriting({ accessLog, output, clock, isFailing: false }, signal).finally(() => written.abort());
  const tooSlow = aborted(signal).then(() => pause(clock, { ms: LAST_WRITE_MS, signal: written.signal }));
  try {
    await Promise.race([writing, tooSlow]);
    if (written.signal.aborted) await writing;
  } finally {
    output.close();
  }
}

interface Writer {
  readonly accessLog: AccessLog;
  readonly output: LogOutput;
  readonly clock: Clock;
  isFailing: boolean;
}

async function keepWriting(writer: Writer, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(writer.clock, { ms: FLUSH_MS, signal: AbortSignal.any([signal, writer.accessLog.full]) });
    await write(writer);
  }
  // What came while the last write was under way.
  await write(writer);
}

/** Errors of the disk are said once, until it works again; their lines are counted as dropped. */
async function write(writer: Writer): Promise<void> {
  const { accessLog, output, clock } = writer;
  const taken = accessLog.take(clock.wall());
  if (taken.text === "") return;
  try {
    await output.write(taken.text);
    if (writer.isFailing) log.info("the access log is written again");
    writer.isFailing = false;
  } catch (error) {
    if (!isOfTheSystem(error)) throw error;
    accessLog.lost(taken);
    if (!writer.isFailing) log.warn("Cannot write the access log: lines are dropped until it works again", { error });
    writer.isFailing = true;
  }
}

/** Such as a full disk, a folder that is gone, a pipe that nobody reads: the system's errors have its codes. */
function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}

/** Until the time has passed or the signal is aborted, whichever is first. */
async function pause(clock: Clock, { ms, signal }: { ms: number; signal: AbortSignal }): Promise<void> {
  try {
    await clock.sleep(ms, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
