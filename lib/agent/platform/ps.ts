/**
 * Output of `ps` as macOS prints it. What it takes for the name of a column's head reaches up to the end of the
 * argument, so each column is asked for with an `-o` of its own.
 * @module
 */
import { LAUNCHER_NAME, NODE_ID_VARIABLE, type ProcessFacts, readEnvironment, type UsageSoFar } from "./platform.ts";

/** Asks for the columns that `readPsLine` reads. */
export const PS_COLUMNS: readonly string[] = ["-o", "pid=", "-o", "stat=", "-o", "lstart="];

/**
 * The facts that one line states, or undefined when it is no such line. The session is an address there, so a leader is
 * told by the `s` among the letters of its state.
 */
export function readPsLine(line: string): ProcessFacts | undefined {
  const [, pidText, state, startedAt] = /^\s*(\d+)\s+(\S+)\s+(\S.*?)\s*$/.exec(line) ?? [];
  if (pidText === undefined || state === undefined || startedAt === undefined) return undefined;
  const pid = Number(pidText);
  const exit = state.startsWith("Z") ? { code: null, signal: null } : undefined;
  return { pid, startedAt, session: state.includes("s") ? pid : 0, exit };
}

/**
 * The variables that `ps -E` shows behind the command and its arguments; `command` is the same line without them. None
 * where the system hides them, as it does for the programs that come with it. A value ends at its first space.
 */
export function readPsEnvironment(line: string, command: string): Map<string, string> {
  const shown = line.trim();
  const rest = shown.startsWith(command) ? shown.slice(command.length) : shown;
  return readEnvironment(rest.trim().split(" "));
}

/** Asks for the columns that `readPsUsage` reads. */
export const PS_USAGE_COLUMNS: readonly string[] = ["-o", "pgid=", "-o", "time=", "-o", "rss=", "-o", "%cpu="];

/** What one line says that a process uses; `cores` is an average over its last minute at most. */
export function readPsUsage(line: string): UsageSoFar & { group: number; cores: number } | undefined {
  const [, group, days, hours, minutes, seconds, rssKib, percent] =
    /^\s*(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s+(\d+)\s+(\d+(?:\.\d+)?)\s*$/.exec(line) ?? [];
  if (group === undefined) return undefined;
  const hoursInAll = Number(days ?? 0) * 24 + Number(hours ?? 0);
  const cpuS = (hoursInAll * 60 + Number(minutes)) * 60 + Number(seconds);
  return { group: Number(group), cpuS, memoryBytes: Number(rssKib) * 1_024, cores: Number(percent) / 100 };
}

/** The pids of the lines that show a node id, from a list of pids with commands and variables. */
export function markedPids(text: string): number[] {
  const marked = text.split("\n").filter((line) => line.includes(` ${NODE_ID_VARIABLE}=`));
  return marked.map((line) => Number.parseInt(line, 10)).filter((pid) => pid > 0);
}

/** Whether the command line is that of a launching shell, which has not become the program yet. */
export function isLauncherLine(command: string): boolean {
  return /^\S*sh -c /.test(command) && command.includes(LAUNCHER_NAME);
}
