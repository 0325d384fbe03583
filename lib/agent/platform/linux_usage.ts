/**
 * What processes use on Linux: one pass over `/proc` for all of them, as each file takes its time. Memory is what is
 * resident, so that pages which processes share count for each of them: to share them out fairly would take the kernel a
 * walk through every page table.
 * @module
 */
import type { UsageSample, UsageSoFar } from "./platform.ts";
import { pidsInProc, readProc } from "./proc_file.ts";
import { readProcUsage } from "./proc_stat.ts";

/** Hundredths of a second, on every kernel that runs programs. */
const TICKS_PER_S = 100;
/** The entry of the auxiliary vector that holds the size of a page. */
const AT_PAGESZ = 6n;
const PAGE_USUAL_BYTES = 4_096;

let pageBytes: number | undefined;

export function linuxUsage(leaders: ReadonlySet<number>): UsageSample {
  pageBytes ??= readPageBytes();
  const sessions = new Map<number, UsageSoFar>();
  for (const pid of leaders.size === 0 ? [] : pidsInProc()) {
    const line = readProc(`/proc/${pid}/stat`);
    const used = line === undefined ? undefined : readProcUsage(line);
    if (used === undefined || !leaders.has(used.session)) continue;
    const sum = sessions.get(used.session) ?? { cpuS: 0, memoryBytes: 0 };
    sum.cpuS += used.ticks / TICKS_PER_S;
    sum.memoryBytes += used.pages * pageBytes;
    sessions.set(used.session, sum);
  }
  return { sessions, host: { busyS: busyTicks(readProc("/proc/stat") ?? "") / TICKS_PER_S } };
}

/** How long all processors together were busy, by the first line of `/proc/stat`: idle and waiting for disks is not. */
export function busyTicks(stat: string): number {
  const [user = 0, nice = 0, system = 0, _idle, _iowait, irq = 0, softirq = 0, steal = 0] =
    /^cpu +([\d ]+)/.exec(stat)?.[1]?.split(" ").map(Number) ?? [];
  return user + nice + system + irq + softirq + steal;
}

function readPageBytes(): number {
  const vector = new BigUint64Array(Deno.readFileSync("/proc/self/auxv").buffer);
  const at = vector.findIndex((key, index) => index % 2 === 0 && key === AT_PAGESZ);
  return at === -1 ? PAGE_USUAL_BYTES : Number(vector[at + 1]);
}
