/**
 * Makes a failing run small: steps of its script are left out, halves first and single ones last, for as long as the
 * same invariant still breaks.
 * @module
 */
import { simulate } from "./run.ts";

/** Runs that are tried at most. */
const TRIES_MAX = 300;

/** The steps that are enough to break the invariant that the whole script breaks; undefined where nothing breaks. */
export function shrink(
  seed: number,
  { only, triesMax = TRIES_MAX }: { only?: ReadonlySet<number> | undefined; triesMax?: number } = {},
) {
  const whole = simulate(seed, { only });
  const [first] = whole.violations;
  if (first === undefined) return undefined;
  const invariant = invariantOf(first);
  const stillBreaks = (steps: readonly number[]) =>
    simulate(seed, { only: new Set(steps) }).violations.some((violation) => invariantOf(violation) === invariant);

  let steps = whole.script.map(({ number }) => number);
  let tries = 0;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    // The later half goes first: most of what comes after the failure has nothing to do with it.
    for (let from = Math.floor((steps.length - 1) / size) * size; from >= 0; from -= size) {
      if (tries >= triesMax) return { steps, invariant };
      const fewer = [...steps.slice(0, from), ...steps.slice(from + size)];
      tries += 1;
      if (stillBreaks(fewer)) steps = fewer;
    }
  }
  return { steps, invariant };
}

function invariantOf(violation: string): string {
  return violation.slice(0, violation.indexOf(":"));
}
