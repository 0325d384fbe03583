/**
 * The processor time that a process has taken, on Linux.
 * @module
 */

/** A tick of /proc/PID/stat: USER_HZ is 100 on every Linux that Deno runs on. */
const TICK_S = 0.01;

/** User and system time of a process; its command's name, which may hold anything, ends with the last bracket. */
export function cpuSeconds(pid: number | string): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_S;
}
