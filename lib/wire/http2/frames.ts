/**
 * The frames of HTTP/2 (RFC 9113 §4, §6): their types, flags and sizes, and how their payloads are padded.
 * @module
 */

import { connectionFault, ErrorCode, type Fault } from "./error_code.ts";

export const FrameType = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
} as const;

export const Flag = {
  ACK: 0x1,
  END_STREAM: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

export const HEADER_BYTES = 9;
/** The largest payload that is taken, and sent: what every peer allows. More would only delay other streams. */
export const FRAME_BYTES_MAX = 16_384;
export const WINDOW_MAX = 0x7fff_ffff;
/** What every window begins with. */
export const WINDOW_INITIAL = 65_535;
/** Weight and dependency in HEADERS: read over, as priorities of that kind are given up. */
export const PRIORITY_BYTES = 5;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}

/** 31 bits: a stream, a window's growth. The bit before them is reserved and ignored. */
export function readUint31(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) & WINDOW_MAX;
}

/** The payload of DATA or HEADERS without its padding. */
export function withoutPadding({ flags, payload }: Frame): Uint8Array | Fault {
  if ((flags & Flag.PADDED) === 0) return payload;
  const padding = payload[0];
  if (padding === undefined || padding >= payload.length) {
    return connectionFault(ErrorCode.PROTOCOL_ERROR, "a frame's padding is longer than the frame");
  }
  return payload.subarray(1, payload.length - padding);
}
