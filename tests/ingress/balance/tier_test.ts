import { assertEquals } from "@std/assert";
import { passTurn, type Tier, tierOf } from "../../../lib/ingress/balance/tier.ts";
import { candidate } from "./rig.ts";

const [a, b, c, d] = [candidate(0), candidate(1), candidate(2), candidate(3)];

function next({ candidates, turn }: Tier): string | undefined {
  return candidates[turn]?.endpoint.replica;
}

Deno.test("a tier's turn stays with whom it was when others come and go", () => {
  const tier = tierOf([a, b, c]);
  passTurn(tier, 0);
  assertEquals(next(tier), "r1");
  assertEquals(next(tierOf([d, a, b, c], tier)), "r1");
  assertEquals(next(tierOf([b, c], tier)), "r1");
});

Deno.test("a tier's turn goes to the next that stays when its own has gone, and to the first when all have", () => {
  const tier = tierOf([a, b, c]);
  passTurn(tier, 1);
  assertEquals(next(tierOf([a, b], tier)), "r0");
  assertEquals(next(tierOf([d], tier)), "r3");
  assertEquals(next(tierOf([], tier)), undefined);
});

Deno.test("passTurn() begins anew after the last", () => {
  const tier = tierOf([a, b]);
  passTurn(tier, 1);
  assertEquals(tier.turn, 0);
});
