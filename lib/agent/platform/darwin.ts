/**
 * macOS: `ps` and `sysctl` are asked, since there is no `/proc`. Start times are exact to the second only; together
 * with the boot and the marker in the environment that is enough to know a process again.
 * @module
 */
import { type Platform, type ProcessFacts, readEnvironment } from "./platform.ts";
import { PS_COLUMNS, readPsLine } from "./ps.ts";

const PS = "/bin/ps";

export const darwin: Platform = {
  pollMs: 1_000,
  launcher: {
    recordLines: `boot=$(/usr/sbin/sysctl -n kern.boottime) && self=$(LC_ALL=C ${PS} -o ${PS_COLUMNS} -p $$)`,
    sessionProgram: undefined,
    readRecord: readPsLine,
    // The launching shell lives for a few milliseconds; asking ps about it takes longer than that.
    hasBecomeProgram: () => Promise.resolve(true),
  },
  bootId: async () => (await outputOf("/usr/sbin/sysctl", ["-n", "kern.boottime"])).trim(),
  factsOf: async (pid): Promise<ProcessFacts | undefined> =>
    readPsLine(await outputOf(PS, ["-o", PS_COLUMNS, "-p", String(pid)])),
  environmentOf: async (pid) => {
    const line = await outputOf(PS, ["-E", "-ww", "-o", "command=", "-p", String(pid)]);
    return line === "" ? undefined : readEnvironment(line.trim().split(" "));
  },
  pids: async () => {
    const lines = (await outputOf(PS, ["-A", "-o", "pid="])).split("\n");
    return lines.map(Number).filter((pid) => pid > 0);
  },
  signal: (pid, signal, scope) => {
    try {
      Deno.kill(scope === "group" ? -pid : pid, signal);
    } catch (error) {
      // It has ended between the proof and now.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return Promise.resolve();
  },
};

/** What the command printed; nothing when it found no such process, which it says by its exit code. */
async function outputOf(command: string, args: string[]): Promise<string> {
  const env = { LC_ALL: "C" };
  const { stdout } = await new Deno.Command(command, { args, env, stdin: "null", stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}
