import { assertEquals } from "@std/assert";
import { holdDownMs } from "../../lib/cluster/node.ts";

Deno.test("holdDownMs() asks nothing of a first loss, then doubles from 30 s up to 10 min", () => {
  assertEquals([0, 1, 2, 3, 4, 5, 6, 7, 1_000].map(holdDownMs), [
    0,
    0,
    30_000,
    60_000,
    120_000,
    240_000,
    480_000,
    600_000,
    600_000,
  ]);
});
