/**
 * Output of `ps` as macOS prints it for `-o pid=,sess=,stat=,lstart=`. The session column there is an address, so a
 * leader is told by the `s` among the letters of its state.
 * @module
 */
import type { ProcessFacts } from "./platform.ts";

/** The columns that `readPsLine` reads. */
export const PS_COLUMNS = "pid=,stat=,lstart=";

/** The facts that one line states, or undefined when it is no such line. */
export function readPsLine(line: string): ProcessFacts | undefined {
  const [, pidText, state, startedAt] = /^\s*(\d+)\s+(\S+)\s+(\S.*?)\s*$/.exec(line) ?? [];
  if (pidText === undefined || state === undefined || startedAt === undefined) return undefined;
  const pid = Number(pidText);
  const exit = state.startsWith("Z") ? { code: null, signal: null } : undefined;
  return { pid, startedAt, session: state.includes("s") ? pid : 0, exit };
}
