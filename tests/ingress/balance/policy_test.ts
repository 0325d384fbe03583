import { assertEquals } from "@std/assert";
import { policy } from "./rig.ts";

Deno.test("policyOf() reads what a route says by itself", () => {
  assertEquals(policy(), {
    way: "round_robin",
    hashBy: undefined,
    sticky: undefined,
    slowStartMs: 0,
    connectionsMax: 1_024,
    ejection: { failures: 5, forMs: 10_000, share: 0.5 },
    queue: { lengthMax: 1_000, timeoutMs: 5_000 },
    retriesMax: 2,
  });
});

Deno.test("policyOf() reads what an operator says", () => {
  const { way, hashBy, sticky, slowStartMs, queue } = policy({
    balance: { hash: "cookie:sid" },
    sticky: { cookie: "at" },
    slow_start: "2m",
    queue: { length: 0, timeout: "0s" },
  });
  assertEquals(way, "hash");
  assertEquals(hashBy, { kind: "cookie", name: "sid" });
  assertEquals(sticky, { name: "at", path: "/" });
  assertEquals(slowStartMs, 120_000);
  assertEquals(queue, { lengthMax: 0, timeoutMs: 0 });
});
