/**
 * What one engine allows its clients: how many, for how long, how slow. Each bound has a name, and a flag or an answer
 * that speaks of it. How large heads may be says the HTTP/1.1 machine.
 * @module
 */

export interface EngineLimits {
  /** Connections of clients at once; what comes beyond is closed at once. */
  connectionsMax: number;
  /** From the first byte of a request's head to its last; else 408. */
  headMs: number;
  /** Between two requests on one connection. */
  idleMs: number;
  /** Requests on one connection. */
  requestsMax: number;
  /** A client that sends content, or takes an answer, more slowly than this on average is cut off. */
  bytesPerSecondMin: number;
  /** For how long it may do so. */
  slowMs: number;
  /** Content of a request that is taken in whole before it is sent, if it has arrived: it can be sent again. */
  wholeBytesMax: number;
  /** For how long, and how much, is still read of a client that has been refused, so that it can read why. */
  lingerMs: number;
  lingerBytesMax: number;
}

export const ENGINE_LIMITS: EngineLimits = {
  connectionsMax: 20_000,
  headMs: 10_000,
  idleMs: 60_000,
  requestsMax: 10_000,
  bytesPerSecondMin: 500,
  slowMs: 10_000,
  wholeBytesMax: 65_536,
  lingerMs: 2_000,
  lingerBytesMax: 1_048_576,
};
