/**
 * macOS: `ps` and `sysctl` are asked, since there is no `/proc`. Start times are exact to the second only; together
 * with the boot and the marker in the environment that is enough to know a process again.
 * @module
 */
import { type Platform, type ProcessFacts, type UsageSample, type UsageSoFar } from "./platform.ts";
import {
  isLauncherLine,
  markedPids,
  PS_COLUMNS,
  PS_USAGE_COLUMNS,
  readPsEnvironment,
  readPsLine,
  readPsUsage,
} from "./ps.ts";

const PS = "/bin/ps";
const SYSCTL = "/usr/sbin/sysctl";
const BOOT_ID = ["-n", "kern.bootsessionuuid"];
/** Start times are read back as they were noted: in the same language and time zone, whatever a replica is given. */
const SAME_WORDS = { LC_ALL: "C", TZ: "UTC0" };

export const darwin: Platform = {
  pollMs: 1_000,
  launcher: {
    recordLines: `boot=$(${SYSCTL} ${BOOT_ID.join(" ")}) && ` +
      `self=$(LC_ALL=${SAME_WORDS.LC_ALL} TZ=${SAME_WORDS.TZ} ${PS} ${PS_COLUMNS.join(" ")} -p $$)`,
    sessionProgram: undefined,
    readRecord: readPsLine,
    hasBecomeProgram: async (pid) => {
      const line = await commandOf(pid);
      // A process that has ended has no line left: its exit tells what became of it.
      return line !== "" && !isLauncherLine(line);
    },
  },
  bootId: async () => (await outputOf(SYSCTL, BOOT_ID)).trim(),
  factsOf: async (pid): Promise<ProcessFacts | undefined> =>
    readPsLine(await outputOf(PS, [...PS_COLUMNS, "-p", String(pid)])),
  environmentOf: async (pid) => {
    const [line, command] = await Promise.all([outputOf(PS, ["-E", ...commandArgs(pid)]), commandOf(pid)]);
    return line === "" ? undefined : readPsEnvironment(line, command);
  },
  // To ask about each process by itself takes a ps per process: only those that show a marker come into question.
  pids: async () => markedPids(await outputOf(PS, ["-A", "-E", "-ww", "-o", "pid=", "-o", "command="])),
  usage: async (leaders) => usageIn(await outputOf(PS, ["-A", ...PS_USAGE_COLUMNS]), leaders),
  signal: (pid, signal, scope) => {
    try {
      Deno.kill(scope === "group" ? -pid : pid, signal);
    } catch (error) {
      if (!isGone(error, scope)) throw error;
    }
    return Promise.resolve();
  },
};

/** It has ended between the proof and now. Of a group in which all have ended, macOS says that it may not be signalled. */
function isGone(error: unknown, scope: "process" | "group"): boolean {
  if (error instanceof Deno.errors.NotFound) return true;
  return scope === "group" && error instanceof Deno.errors.PermissionDenied;
}

/** A session is told by its leader's group there: what a replica starts stays in it as a rule. */
function usageIn(text: string, leaders: ReadonlySet<number>): UsageSample {
  const sessions = new Map<number, UsageSoFar>();
  let busyCores = 0;
  for (const line of text.split("\n")) {
    const used = readPsUsage(line);
    busyCores += used?.cores ?? 0;
    if (used === undefined || !leaders.has(used.group)) continue;
    const sum = sessions.get(used.group) ?? { cpuS: 0, memoryBytes: 0 };
    sum.cpuS += used.cpuS;
    sum.memoryBytes += used.memoryBytes;
    sessions.set(used.group, sum);
  }
  return { sessions, host: { busyCores } };
}

function commandArgs(pid: number): string[] {
  return ["-ww", "-o", "command=", "-p", String(pid)];
}

async function commandOf(pid: number): Promise<string> {
  return (await outputOf(PS, commandArgs(pid))).trim();
}

/** What the command printed; nothing when it found no such process, which it says by its exit code. */
async function outputOf(command: string, args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(command, { args, env: SAME_WORDS, stdin: "null", stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}
