/**
 * How much one HTTP/2 connection may hold and ask for. Where the peer can be told a bound, its settings say it; where
 * it goes beyond one that it must know, its stream is reset; what only an attack does ends the connection
 * (ENHANCE_YOUR_CALM).
 * @module
 */

/** A budget that is spent at once or over time. */
export interface Budget {
  /** What may be spent at once. */
  readonly burst: number;
  /** What comes back each second. */
  readonly perSecond: number;
}

export interface Limits {
  /** Streams that are open at once; what is opened beyond is refused, and may be tried again. */
  readonly streamsMax: number;
  /** Octets of a request's path: 414. */
  readonly pathBytesMax: number;
  /** Octets of all names and values of a head, 32 added for each field as HPACK counts them: 431, or a malformed answer. */
  readonly fieldsBytesMax: number;
  /** Fields of a head, pseudo ones included. */
  readonly fieldsMax: number;
  /** Octets of a head as it comes, compressed. */
  readonly blockBytesMax: number;
  /** CONTINUATION frames of one head. */
  readonly continuationsMax: number;
  /** Interim answers (1xx) before the final one. */
  readonly interimMax: number;
  /** Content that a stream may send before it is taken. At least 65,535, which every peer begins with. */
  readonly streamWindowBytes: number;
  /** The same for all streams together. */
  readonly connectionWindowBytes: number;
  /** What is put together for one write; while so much waits, nothing further is read. */
  readonly outputBytesMax: number;
  /** Streams that end by a reset: by the peer's, or by ours for its mistakes. */
  readonly resets: Budget;
  /** Frames that carry no message: PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA, unknown ones. */
  readonly chatter: Budget;
}

export const SERVER_LIMITS: Limits = {
  streamsMax: 128,
  pathBytesMax: 8_192,
  fieldsBytesMax: 32_768,
  fieldsMax: 100,
  blockBytesMax: 32_768,
  continuationsMax: 8,
  interimMax: 0,
  streamWindowBytes: 131_072,
  connectionWindowBytes: 524_288,
  outputBytesMax: 131_072,
  resets: { burst: 200, perSecond: 50 },
  chatter: { burst: 2_000, perSecond: 200 },
};

/** Replicas may say more than clients, and may end more streams: a cut call is theirs to cut. */
export const CLIENT_LIMITS: Limits = {
  ...SERVER_LIMITS,
  fieldsBytesMax: 65_536,
  fieldsMax: 200,
  blockBytesMax: 65_536,
  continuationsMax: 16,
  interimMax: 16,
  resets: { burst: 1_000, perSecond: 200 },
};
