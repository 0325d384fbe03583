/**
 * What can go wrong with HTTP/2, in its own numbers (RFC 9113 §7), and how far a fault reaches: a stream is reset and
 * the others go on, or the connection ends. Faults are values; only a caller's mistakes throw.
 * @module
 */

export const ErrorCode = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

/** A fault of the peer. `stream` is absent where the whole connection is at fault. */
export interface Fault {
  readonly kind: "fault";
  readonly stream?: number;
  readonly code: number;
  readonly detail: string;
}

export function connectionFault(code: number, detail: string): Fault {
  return { kind: "fault", code, detail };
}

export function streamFault(stream: number, { code, detail }: { code: number; detail: string }): Fault {
  return { kind: "fault", stream, code, detail };
}

/** A message that breaks the rules of HTTP (RFC 9113 §8.1.1): always a matter of its stream alone. */
export function malformed(stream: number, detail: string): Fault {
  return { kind: "fault", stream, code: ErrorCode.PROTOCOL_ERROR, detail };
}

/** The peer does what is allowed, but more of it than anybody needs. */
export function tooMuch(detail: string): Fault {
  return { kind: "fault", code: ErrorCode.ENHANCE_YOUR_CALM, detail };
}
