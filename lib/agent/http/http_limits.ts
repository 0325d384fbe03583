/**
 * How long and how much the agent's HTTP server bears. The sizes of heads are bounded by the machine
 * (`wire/http1/limits.ts`).
 * @module
 */

export interface HttpLimits {
  /** From the first byte of a head (for a new connection: from its start) to the last. */
  readonly headMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** What a client may be late with its body in all, beside what {@linkcode bodyBytesPerSecondMin} allows. */
  readonly bodyGraceMs: number;
  readonly bodyBytesPerSecondMin: number;
  readonly bodyBytesMax: number;
  /** How long one write may make no progress before the client counts as gone. */
  readonly writeStallMs: number;
  /** How long the end of a refused client is waited for, so that it can read the refusal. */
  readonly lingerMs: number;
  /** Beyond them the longest idle one is closed; if none is idle, the new one gets 503. */
  readonly connectionsMax: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headMs: 10_000,
  idleMs: 60_000,
  bodyGraceMs: 10_000,
  bodyBytesPerSecondMin: 1_024,
  bodyBytesMax: 16 * 1_024 * 1_024,
  writeStallMs: 30_000,
  lingerMs: 1_000,
  connectionsMax: 4_096,
};
