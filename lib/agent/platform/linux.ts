/**
 * Linux: everything comes from `/proc`.
 * @module
 */
import { linuxUsage } from "./linux_usage.ts";
import { LAUNCHER_NAME, type Platform, readEnvironment } from "./platform.ts";
import { isGone, pidsInProc, readProc } from "./proc_file.ts";
import { readProcStat } from "./proc_stat.ts";

const BOOT_ID = "/proc/sys/kernel/random/boot_id";
const OOM_SCORE = "/proc/self/oom_score_adj";
const SETSID = ["/usr/bin/setsid", "/bin/setsid"].find(isFile);

export const linux: Platform = {
  pollMs: 200,
  launcher: {
    // The agent may be spared when memory runs short, and what it starts would be spared with it.
    disownLines: `{ read -r self <${OOM_SCORE} && [ "$self" -ge 0 ] || echo 0 >${OOM_SCORE}; } 2>/dev/null`,
    // Built-ins that fork nothing: /proc/self is the shell itself, and `exec` keeps its pid and start time.
    recordLines: `read -r boot <${BOOT_ID} && read -r self </proc/self/stat`,
    readRecord: readProcStat,
    sessionProgram: SETSID,
    hasBecomeProgram: (pid) => {
      // A process that has ended has no words left: its exit tells what became of it.
      const words = readProc(`/proc/${pid}/cmdline`)?.split("\0") ?? [];
      return Promise.resolve(words.length > 1 && words[3] !== LAUNCHER_NAME && words[0] !== SETSID);
    },
  },
  uptimeMs,
  // Start times are hundredths of a second of that clock, on every kernel that runs programs.
  ageMs: ({ startedAt }) => Math.max(0, uptimeMs() - Number(startedAt) * 10),
  bootId: async () => (await Deno.readTextFile(BOOT_ID)).trim(),
  factsOf: (pid) => {
    const line = readProc(`/proc/${pid}/stat`);
    return Promise.resolve(line === undefined ? undefined : readProcStat(line));
  },
  environmentOf: (pid) => {
    const block = readProc(`/proc/${pid}/environ`);
    return Promise.resolve(block === undefined ? undefined : readEnvironment(block.split("\0")));
  },
  pids: () => Promise.resolve(pidsInProc()),
  usage: (leaders) => Promise.resolve(linuxUsage(leaders)),
  signal: (pid, signal, scope) => {
    try {
      Deno.kill(scope === "group" ? -pid : pid, signal);
    } catch (error) {
      // It has ended between the proof and now.
      if (!isGone(error)) throw error;
    }
    return Promise.resolve();
  },
};

function uptimeMs(): number {
  return Number.parseFloat(Deno.readTextFileSync("/proc/uptime")) * 1_000;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}
