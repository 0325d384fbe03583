import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { indexesFromScratch, indexesKept } from "../support/indexes_from_scratch.ts";
import { foundedCluster, moves, play } from "../support/random_events.ts";

Deno.test("the kept indexes equal those made from scratch after every move of any life", () => {
  fc.assert(
    fc.property(moves, (life) => {
      const cluster = foundedCluster();
      for (const move of life) {
        play(cluster, move);
        assertEquals(indexesKept(cluster.state), indexesFromScratch(cluster.state), `after ${move.kind}`);
      }
    }),
    { numRuns: 300, seed: 1 },
  );
});
