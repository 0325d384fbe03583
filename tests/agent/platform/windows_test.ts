import { assertEquals } from "@std/assert";
import { requestOf, windows } from "../../../lib/agent/platform/windows.ts";

Deno.test("requestOf() takes every signal that asks for an end as such, and none that asks for something else", () => {
  const ends: Deno.Signal[] = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGBREAK"];
  for (const signal of ends) assertEquals(requestOf(signal), "end");
  assertEquals(requestOf("SIGKILL"), "kill");
  for (const signal of ["SIGUSR1", "SIGUSR2", "SIGWINCH"] as const) assertEquals(requestOf(signal), "unknown");
});

Deno.test("windows takes nothing over: no launcher, no pids, and each agent process is a boot of its own", async () => {
  assertEquals(windows.launcher, undefined);
  assertEquals(await windows.pids(), []);
  assertEquals(await windows.bootId() === await windows.bootId(), false);
});
