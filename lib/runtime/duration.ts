/**
 * Durations as people write and read them. Flags, service specs and query parameters say `500ms` or `5m`; inside there
 * are only milliseconds, in names that end in `Ms`. The command line shows them again in words of the same units.
 * @module
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** Ten years: what is longer is a slip of the keyboard. */
export const DURATION_MAX_MS = 3_650 * DAY_MS;

/** The rule in words, for messages about a text that is no duration. */
export const DURATION_RULE = `a whole number with a unit of ms, s, m, h or d, such as "500ms" or "5m", up to 3650d`;

/** The milliseconds that a duration means. Throws a `RangeError` that says the rule and the text found. */
export function parseDurationMs(text: string): number {
  const ms = readDurationMs(text);
  if (ms === undefined) throw new RangeError(`Cannot read a duration: expected ${DURATION_RULE}, found "${text}"`);
  return ms;
}

/** As `parseDurationMs`, with `undefined` for a text that is no duration. */
export function readDurationMs(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,15})(ms|s|m|h|d)$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit ?? ""];
  if (count === undefined || unitMs === undefined) return undefined;
  const ms = Number(count) * unitMs;
  return ms <= DURATION_MAX_MS ? ms : undefined;
}

/** A duration for people, in its two leading units: `45 ms`, `1.2 s`, `3 m 05 s`, `2 h 05 m`, `3 d 04 h`. */
export function formatDuration(ms: number): string {
  // Each step compares what would be printed, so that 59.96 s becomes "1 m 00 s" and never "60.0 s".
  if (Math.round(ms) < SECOND_MS) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) * 100 < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)} s`;
  const seconds = Math.round(ms / SECOND_MS);
  if (seconds < 3_600) return pair(seconds, { units: ["m", "s"], perUnit: 60 });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return pair(minutes, { units: ["h", "m"], perUnit: 60 });
  return pair(Math.floor(minutes / 60), { units: ["d", "h"], perUnit: 24 });
}

function pair(count: number, { units, perUnit }: { units: [string, string]; perUnit: number }): string {
  const small = String(count % perUnit).padStart(2, "0");
  return `${Math.floor(count / perUnit)} ${units[0]} ${small} ${units[1]}`;
}
