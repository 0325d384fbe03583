import { assertEquals } from "@std/assert";
import { replicasAtExit } from "../../lib/agent/leave.ts";

Deno.test("replicasAtExit() drains on Ctrl-C, and on SIGTERM outside systemd", () => {
  assertEquals(replicasAtExit("SIGINT", { onExit: "auto", isUnit: true }), "drained");
  assertEquals(replicasAtExit("SIGTERM", { onExit: "auto", isUnit: false }), "drained");
  assertEquals(replicasAtExit("SIGTERM", { onExit: "auto", isUnit: true }), "left");
});

Deno.test("replicasAtExit() does what --on-exit says, whatever the signal", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    assertEquals(replicasAtExit(signal, { onExit: "drain", isUnit: true }), "drained");
    assertEquals(replicasAtExit(signal, { onExit: "leave", isUnit: false }), "left");
  }
});
