import { assertEquals } from "@std/assert";
import { readProcStat, readProcUsage } from "../../../lib/agent/platform/proc_stat.ts";

/** A line of /proc/PID/stat: pid, name, state, session, threads, start time and exit status as given. */
function line({ name = "web", state = "S", threads = 1, status = 0 } = {}): string {
  const middle = [...Array.from({ length: 13 }, () => "0"), threads, "0"].join(" ");
  const rest = Array.from({ length: 29 }, () => "1").join(" ");
  return `4242 (${name}) ${state} 1 4242 4242 ${middle} 308874 ${rest} ${status}`;
}

Deno.test("readProcStat() reads pid, session and start time", () => {
  assertEquals(readProcStat(line()), { pid: 4242, startedAt: "308874", session: 4242, exit: undefined });
});

Deno.test("readProcStat() is not led astray by a name with spaces and parentheses", () => {
  assertEquals(readProcStat(line({ name: "a) Z (b) 1 2" })), readProcStat(line()));
});

Deno.test("readProcStat() gives a zombie's exit code or signal", () => {
  assertEquals(readProcStat(line({ state: "Z", status: 7 << 8 }))?.exit, { code: 7, signal: null });
  assertEquals(readProcStat(line({ state: "Z", status: 9 }))?.exit, { code: null, signal: "SIGKILL" });
  assertEquals(readProcStat(line({ state: "Z", status: 11 | 0x80 }))?.exit, { code: null, signal: "SIGSEGV" });
});

Deno.test("readProcStat() takes a program for ended once its last thread has, not its first", () => {
  assertEquals(readProcStat(line({ state: "Z", threads: 2 }))?.exit, undefined);
  assertEquals(readProcStat(line({ state: "Z", threads: 0, status: 9 }))?.exit, { code: null, signal: "SIGKILL" });
  assertEquals(readProcStat(line({ state: "X", threads: 0 }))?.exit, { code: 0, signal: null });
});

Deno.test("readProcStat() refuses what is no such line", () => {
  for (const text of ["", "4242", "4242 (web", "x (web) S 1 1 1", "4242 (web) S"]) {
    assertEquals(readProcStat(text), undefined);
  }
});

Deno.test("readProcUsage() adds up the times of a process and of its children that have ended", () => {
  const head = "7 (a) b) R 1 7 5 0 -1 4194560 100 0 0 0";
  assertEquals(readProcUsage(`${head} 10 20 3 4 20 0 1 0 308874 9000000 512 18446744073709551615`), {
    session: 5,
    ticks: 37,
    pages: 512,
  });
  for (const text of ["", "7 (a", "7 (a) R 1"]) assertEquals(readProcUsage(text), undefined);
});
