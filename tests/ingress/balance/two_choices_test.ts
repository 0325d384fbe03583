import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { lessBusyOfTwo } from "../../../lib/ingress/balance/two_choices.ts";
import { ask, busy, chanceOf, choice, repeat, tally } from "./rig.ts";

Deno.test("lessBusyOfTwo() never takes the busiest where there are others", () => {
  const by = choice({ ask: ask({ chance: chanceOf(3) }) });
  const names = repeat(1_000, () => lessBusyOfTwo(busy(0, 5, 0), by)?.endpoint.replica);
  assertEquals(tally(names).r1, undefined);
});

Deno.test("lessBusyOfTwo() spreads over equals about evenly", () => {
  const by = choice({ ask: ask({ chance: chanceOf(4) }) });
  const tier = busy(0, 0, 0, 0, 0);
  const counts = Object.values(tally(repeat(10_000, () => lessBusyOfTwo(tier, by)?.endpoint.replica)));
  assertEquals(counts.length, 5);
  for (const count of counts) assert(Math.abs(count - 2_000) < 200, `${count}`);
});

Deno.test("lessBusyOfTwo() keeps loads close together", () => {
  const by = choice({ ask: ask({ chance: chanceOf(5) }) });
  const tier = busy(...new Array<number>(100).fill(0));
  repeat(10_000, () => lessBusyOfTwo(tier, by)!.inFlight++);
  // One draw alone would put 130 and more somewhere, and 70 elsewhere.
  for (const { inFlight } of tier.candidates) assert(Math.abs(inFlight - 100) <= 6, `${inFlight}`);
});

Deno.test("property: two choices find one that fits wherever there is one", () => {
  const tried = fc.array(fc.boolean(), { minLength: 1, maxLength: 30 });
  fc.assert(fc.property(tried, fc.integer(), (isTried, seed) => {
    const exclude = isTried.flatMap((is, n) => is ? [`r${n}`] : []);
    const tier = busy(...isTried.map(() => 0));
    const picked = lessBusyOfTwo(tier, choice({ ask: ask({ chance: chanceOf(seed), exclude }) }));
    assertEquals(picked === undefined, exclude.length === isTried.length);
    assert(picked === undefined || !exclude.includes(picked.endpoint.replica));
  }));
});
