import { assert, assertEquals } from "@std/assert";
import { busyTicks, linuxUsage } from "../../../lib/agent/platform/linux_usage.ts";
import { readProcStat } from "../../../lib/agent/platform/proc_stat.ts";
import { granted } from "../../support/granted.ts";

const ignore = !granted || Deno.build.os !== "linux";

Deno.test("busyTicks() adds up what processors were busy with, and not what they waited for", () => {
  assertEquals(busyTicks("cpu  1 20 300 4000 50000 600000 7000000 80000000 9 9\ncpu0 1 1 1 1\n"), 87_600_321);
  assertEquals(busyTicks(""), 0);
});

Deno.test("linuxUsage() sums up the processes of a session", { ignore }, () => {
  const { session } = readProcStat(Deno.readTextFileSync("/proc/self/stat"))!;
  const { sessions, host } = linuxUsage(new Set([session]));
  const used = sessions.get(session)!;
  // Others may share this session: it uses what this process does, or more.
  assert(used.memoryBytes > Deno.memoryUsage().rss / 2, `${used.memoryBytes}`);
  assert(used.cpuS > 0 && "busyS" in host && host.busyS > 0);
  assertEquals(sessions.size, 1);
});
