/**
 * When a log is a flood: the pace at which a replica writes, judged from how much its logs grew between looks. A burst,
 * however large, is none; what goes on for a second is. Looks come the sooner the faster a log grows, so that a look's
 * growth stays bounded. Decides only: `log_rotation` looks and cuts, the session stops.
 * @module
 */

/** The fastest that a replica may go on writing. */
export const FLOOD_BYTES_PER_S = 50_000_000;
/** For how long it must be faster than that before it is stopped. */
export const FLOOD_MS = 1_000;
/** The pace is judged over slices of this length: shorter stalls, such as a busy disk gives, hide no flood. */
const SLICE_MS = 250;
/** A late look may be a slice longer than `FLOOD_MS`: it takes more than that one to tell a flood from a burst. */
const SLICES_MIN = 3;

/** Between looks at logs that grow slowly, and at those that grow fastest. */
export const LOOK_MS = 250;
const LOOK_MIN_MS = 20;
/** What a log should grow by between two looks. */
export const LOOK_BYTES = 10 * 1_024 * 1_024;

/** What was written within some time. */
export interface Growth {
  bytes: number;
  ms: number;
}

/** How an instance writes. */
export interface LogPace {
  /** Since the present slice began. */
  slice: Growth;
  /** Over the slices in a row that were too fast. */
  fast: Growth & { slices: number };
  /** Between the last two looks. */
  bytesPerS: number;
}

/** An instance that has yet to write. */
export const QUIET: LogPace = { slice: { bytes: 0, ms: 0 }, fast: { bytes: 0, ms: 0, slices: 0 }, bytesPerS: 0 };

/** Takes in what was written since the last look. */
export function paceAfter(pace: LogPace, growth: Growth): LogPace {
  const slice = sum(pace.slice, growth);
  const bytesPerS = rateOf(growth);
  if (slice.ms < SLICE_MS) return { ...pace, slice, bytesPerS };
  const isFast = rateOf(slice) > FLOOD_BYTES_PER_S;
  const fast = isFast ? { ...sum(pace.fast, slice), slices: pace.fast.slices + 1 } : QUIET.fast;
  return { slice: QUIET.slice, fast, bytesPerS };
}

/** What was written, in words, if it is a flood. */
export function floodInWords({ fast: { bytes, ms, slices } }: LogPace): string | undefined {
  if (ms < FLOOD_MS || slices < SLICES_MIN) return undefined;
  const wrote = `it wrote ${Math.round(bytes / 1e6)} MB of log in ${(ms / 1_000).toFixed(1)} s`;
  return `${wrote}, more than ${FLOOD_BYTES_PER_S / 1e6} MB/s`;
}

/** How long to wait before the next look. */
export function lookAfterMs(paces: Iterable<LogPace>): number {
  let fastest = 0;
  for (const { bytesPerS } of paces) fastest = Math.max(fastest, bytesPerS);
  return Math.max(LOOK_MIN_MS, Math.min(LOOK_MS, LOOK_BYTES / fastest * 1_000));
}

function sum(a: Growth, b: Growth): Growth {
  return { bytes: a.bytes + b.bytes, ms: a.ms + b.ms };
}

function rateOf({ bytes, ms }: Growth): number {
  return ms === 0 ? 0 : bytes / ms * 1_000;
}
