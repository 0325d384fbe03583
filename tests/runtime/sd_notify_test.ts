import { assertEquals } from "@std/assert";
import { systemClock } from "../../lib/runtime/clock.ts";
import { tellSystemd, watchdogIntervalMs } from "../../lib/runtime/sd_notify.ts";

Deno.test("watchdogIntervalMs() gives three signs of life for one watchdog", () => {
  assertEquals(watchdogIntervalMs(new Map([["WATCHDOG_USEC", "30000000"]]), 7), 10_000);
  assertEquals(watchdogIntervalMs(new Map([["WATCHDOG_USEC", "1"]]), 7), 1);
});

Deno.test("watchdogIntervalMs() is undefined without a watchdog, and for that of another process", () => {
  assertEquals(watchdogIntervalMs(new Map(), 7), undefined);
  assertEquals(watchdogIntervalMs(new Map([["WATCHDOG_USEC", "nonsense"]]), 7), undefined);
  assertEquals(watchdogIntervalMs(new Map([["WATCHDOG_USEC", "3000"], ["WATCHDOG_PID", "8"]]), 7), undefined);
  assertEquals(watchdogIntervalMs(new Map([["WATCHDOG_USEC", "3000"], ["WATCHDOG_PID", "7"]]), 7), 1);
});

Deno.test("tellSystemd() says nothing without a NOTIFY_SOCKET, and ends at once", async () => {
  await using _systemd = tellSystemd({ env: new Map(), clock: systemClock, status: "up" });
});
