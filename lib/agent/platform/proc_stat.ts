/**
 * `/proc/PID/stat`, read as proc(5) describes it. The second field is the program's name in parentheses and may itself
 * hold spaces and parentheses, so all else is counted from the last `)`.
 * @module
 */
import type { ProcessExit, ProcessFacts } from "./platform.ts";
import { signalName } from "./signal_name.ts";

/** Positions after the name, where field 3 of proc(5) is the first. */
const STATE = 0;
const SESSION = 3;
/** Time in the program and in the kernel, and the same of children that have ended and were waited for. */
const TIMES = [11, 12, 13, 14];
const THREADS = 17;
const START_TIME = 19;
const RESIDENT = 21;
const EXIT_CODE = 49;

/** The facts that one line states, or undefined when it is no such line. */
export function readProcStat(line: string): ProcessFacts | undefined {
  const nameEnd = line.lastIndexOf(")");
  const pid = Number.parseInt(line, 10);
  const fields = line.slice(nameEnd + 1).trim().split(" ");
  const startedAt = fields[START_TIME];
  const session = Number(fields[SESSION]);
  if (nameEnd === -1 || !(pid > 0) || startedAt === undefined || !Number.isInteger(session)) return undefined;
  return { pid, startedAt, session, exit: hasEnded(fields) ? exitOf(Number(fields[EXIT_CODE])) : undefined };
}

/** What a process uses. */
interface ProcUsage {
  session: number;
  /** Processor time, its children's that have ended with it: what they used does not vanish with them. */
  ticks: number;
  /** Of memory, resident. */
  pages: number;
}

/** What one line says of it, or undefined when it is no such line. */
export function readProcUsage(line: string): ProcUsage | undefined {
  const nameEnd = line.lastIndexOf(")");
  if (nameEnd === -1) return undefined;
  const fields = line.slice(nameEnd + 1).trim().split(" ");
  const ticks = TIMES.reduce((sum, at) => sum + Number(fields[at]), 0);
  const [session, pages] = [Number(fields[SESSION]), Number(fields[RESIDENT])];
  return Number.isInteger(ticks + session + pages) ? { session, ticks, pages } : undefined;
}

/** `Z` waits for its parent, or for its own threads: a program runs on when only its first one has ended. `X` is gone. */
function hasEnded(fields: readonly string[]): boolean {
  const state = fields[STATE];
  return state === "X" || state === "x" || (state === "Z" && !(Number(fields[THREADS]) > 1));
}

/** A status as wait(2) gives it: the signal in the lower seven bits, else the code in the byte above. */
function exitOf(status: number): ProcessExit {
  if (!Number.isInteger(status)) return { code: null, signal: null };
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: null, signal: signalName(signal) };
}
