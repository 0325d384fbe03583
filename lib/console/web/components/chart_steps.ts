/**
 * How far apart the values are that stand beside a chart: only what its format says without rounding, as a line that is
 * called 0.3 and lies at 0.25 would be read wrongly.
 * @module
 */

const MANTISSAS = [1, 2, 5];
/** The largest are of 10^9, which nothing here comes near. */
const EXPONENT_MAX = 9;
/** Up to PiB. */
const POWER_MAX = 50;

/** 1, 2 and 5 of each power of ten, from that one on. */
export function decimalSteps(exponent: number): number[] {
  const exponents = Array.from({ length: EXPONENT_MAX - exponent + 1 }, (_, nth) => exponent + nth);
  return exponents.flatMap((power) => MANTISSAS.map((mantissa) => Number(`${mantissa}e${power}`)));
}

/** For bytes: powers of two. */
export const BINARY_STEPS: readonly number[] = Array.from({ length: POWER_MAX + 1 }, (_, power) => 2 ** power);
