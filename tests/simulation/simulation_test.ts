/**
 * The simulator as a test: so many virtual hours of faults in which no invariant of the architecture may break. Runs of
 * ten hours each, so that the output shows how far it is; MUSTER_SIM_HOURS asks for more or fewer.
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { granted } from "../support/granted.ts";
import { simulate } from "./run.ts";

const HOURS_DEFAULT = 100;
const HOURS_PER_TEST = 10;
/** Fixed, so that a failure is one of the change at hand; other seeds are for `deno task sim`. */
const FIRST_SEED = 20_000;
const hours = granted ? Number(Deno.env.get("MUSTER_SIM_HOURS") ?? HOURS_DEFAULT) : HOURS_PER_TEST;

function failuresOf(seeds: readonly number[]): string[] {
  return seeds.flatMap((seed) =>
    simulate(seed).violations.map((violation) => `${violation} (replay: deno task sim --seed=${seed} --hours=1)`)
  );
}

for (let from = FIRST_SEED; from < FIRST_SEED + hours; from += HOURS_PER_TEST) {
  const seeds = Array.from({ length: Math.min(HOURS_PER_TEST, FIRST_SEED + hours - from) }, (_, at) => from + at);
  Deno.test(`no invariant breaks in ${seeds.length} virtual hours of faults, from seed ${from} on`, () => {
    assertEquals(failuresOf(seeds), []);
  });
}

Deno.test("the same seed plays the same, and another plays another", () => {
  const [one, again, other] = [simulate(7), simulate(7), simulate(8)];
  assertEquals(again, one);
  assertNotEquals(other.digest, one.digest);
});
