import { assertEquals } from "@std/assert";
import { fixedPortOf, keepsData, portVariable, takesTurns } from "../../lib/cluster/surroundings.ts";
import { specNamed } from "../support/builders.ts";

Deno.test("portVariable() names a port in capitals, with no two names alike", () => {
  assertEquals(portVariable("metrics"), "PORT_METRICS");
  assertEquals(portVariable("a-b-2"), "PORT_A_B_2");
});

Deno.test("takesTurns() holds for what keeps data or has a port that is the same everywhere", () => {
  const plain = specNamed("web", { ports: { metrics: 0 } });
  const keeper = specNamed("web", { data: { per_slot: true } });
  const fixed = specNamed("web", { ports: { metrics: 0, pg: 5_432 } });
  assertEquals([plain, keeper, fixed].map(takesTurns), [false, true, true]);
  assertEquals([plain, keeper, fixed].map(keepsData), [false, true, false]);
  assertEquals([plain, keeper, fixed].map(fixedPortOf), [undefined, undefined, 5_432]);
});
