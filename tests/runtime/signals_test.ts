import { assertEquals } from "@std/assert";
import { onSignals, signalsOn } from "../../lib/runtime/signals.ts";
import { granted } from "../support/granted.ts";

Deno.test("signalsOn() listens on Windows for SIGINT and SIGBREAK only", () => {
  assertEquals(signalsOn("windows", ["SIGINT", "SIGTERM"]), ["SIGINT", "SIGBREAK"]);
  assertEquals(signalsOn("windows", ["SIGHUP"]), []);
  assertEquals(signalsOn("linux", ["SIGINT", "SIGTERM"]), ["SIGINT", "SIGTERM"]);
});

Deno.test({
  name: "onSignals() calls the handler with the signal, and its disposal leaves no listener",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
    // Listening alone keeps no program alive.
    const alive = setInterval(() => {}, 60_000);
    using _listener = onSignals(["SIGUSR2"], resolve);
    Deno.kill(Deno.pid, "SIGUSR2");
    assertEquals(await promise, "SIGUSR2");
    clearInterval(alive);
  },
});
