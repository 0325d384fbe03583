/**
 * How much of a message may be held while it is read. Every bound has a name and an answer: the start line 414, the
 * fields 431, a chunk's line 400; on the response side all of them mean that the replica's answer is refused (502).
 * @module
 */

/** Bounds of one {@linkcode MessageReader}. */
export interface Limits {
  /** Octets of the request or status line, without its line end. */
  readonly startLineBytesMax: number;
  /** Octets of all field lines together, line ends included; for a trailer section the same bound applies again. */
  readonly fieldsBytesMax: number;
  /** Field lines. */
  readonly fieldsMax: number;
  /** Octets of a chunk's size with its extensions. */
  readonly chunkLineBytesMax: number;
  /** Empty lines before a start line. */
  readonly emptyLinesMax: number;
  /** Interim answers (1xx) before the final one. */
  readonly interimMax: number;
}

export const REQUEST_LIMITS: Limits = {
  startLineBytesMax: 8_192,
  fieldsBytesMax: 32_768,
  fieldsMax: 100,
  chunkLineBytesMax: 4_096,
  emptyLinesMax: 1,
  interimMax: 0,
};

/** Replicas may say more than clients: long cookies and policies are common in answers. */
export const RESPONSE_LIMITS: Limits = {
  startLineBytesMax: 8_192,
  fieldsBytesMax: 65_536,
  fieldsMax: 200,
  chunkLineBytesMax: 4_096,
  emptyLinesMax: 0,
  interimMax: 16,
};
