/**
 * What will happen to a run from outside: faults and operators' actions, drawn from the seed before anything is played.
 * A step carries its own chance, so that leaving one out leaves the others as they were.
 * @module
 */
import { intBetween, type Random, seededRandom } from "../../lib/runtime/random.ts";
import { FAULTS } from "./faults.ts";
import { ACTIONS } from "./operator.ts";

export interface Step {
  /** Its place in the whole script. */
  number: number;
  atMs: number;
  deed: string;
  /** Which host it concerns, where it concerns one. */
  host: number;
  forMs: number;
  /** What its own choices are drawn from. */
  dice: number;
}

/** All steps of a run of that length. */
export function scriptOf(seed: number, { lengthMs, hosts }: { lengthMs: number; hosts: number }): Step[] {
  const random = streamOf(seed, "script");
  const drawn: Omit<Step, "number">[] = [];
  const fill = (deeds: readonly string[], pauseMs: () => number) => {
    for (let atMs = pauseMs(); atMs < lengthMs; atMs += pauseMs()) {
      drawn.push({
        atMs,
        deed: deeds[intBetween(random, { min: 0, max: deeds.length - 1 })] ?? "",
        host: intBetween(random, { min: 0, max: hosts - 1 }),
        forMs: Math.round(10 ** (2.3 + random.next() * 2.6)),
        dice: Math.floor(random.next() * 2 ** 32),
      });
    }
  };
  fill(Object.keys(FAULTS), () => Math.round(10 ** (3 + random.next() * 2.2)));
  fill(Object.keys(ACTIONS), () => intBetween(random, { min: 2_000, max: 80_000 }));
  return drawn.sort((a, b) => a.atMs - b.atMs).map((step, number) => ({ number, ...step }));
}

/** A stream of chance of its own for each part of a run, so that one part draws the same whatever another does. */
export function streamOf(seed: number, part: string): Random {
  let hash = 0x811c9dc5;
  for (let at = 0; at < part.length; at++) hash = Math.imul(hash ^ part.charCodeAt(at), 0x01000193);
  return seededRandom(seed + (hash >>> 0) * 2 ** 20);
}

export function stepInWords({ number, atMs, deed, host, forMs }: Step): string {
  return `${number} at ${(atMs / 1_000).toFixed(3)} s: ${deed} (n${host + 1}, ${forMs} ms)`;
}
