/**
 * SETTINGS (RFC 9113 §6.5): what a peer says about itself. Of several values for one setting the last counts, so that a
 * frame costs one change of state however long it is.
 * @module
 */

import { connectionFault, ErrorCode, type Fault } from "./error_code.ts";
import { FRAME_BYTES_MAX, readUint32, WINDOW_MAX } from "./frames.ts";

export const Setting = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
} as const;

const ENTRY_BYTES = 6;
const FRAME_SIZE_MAX = 0xff_ffff;

/** What matters to this machine: it never pushes, and its own header table is always empty. */
export interface PeerSettings {
  initialWindowBytes?: number;
  streamsMax?: number;
  isPushEnabled?: boolean;
}

export function parseSettings(payload: Uint8Array): PeerSettings | Fault {
  if (payload.length % ENTRY_BYTES !== 0) {
    return connectionFault(ErrorCode.FRAME_SIZE_ERROR, "SETTINGS must be a multiple of 6 bytes");
  }
  const settings: PeerSettings = {};
  for (let at = 0; at < payload.length; at += ENTRY_BYTES) {
    const value = readUint32(payload, at + 2);
    switch (payload[at]! << 8 | payload[at + 1]!) {
      case Setting.ENABLE_PUSH:
        if (value > 1) return connectionFault(ErrorCode.PROTOCOL_ERROR, "ENABLE_PUSH must be 0 or 1");
        settings.isPushEnabled = value === 1;
        break;
      case Setting.MAX_CONCURRENT_STREAMS:
        settings.streamsMax = value;
        break;
      case Setting.INITIAL_WINDOW_SIZE:
        if (value > WINDOW_MAX) {
          return connectionFault(ErrorCode.FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE is too large");
        }
        settings.initialWindowBytes = value;
        break;
      case Setting.MAX_FRAME_SIZE:
        // However large it is, no larger frames are sent.
        if (value >= FRAME_BYTES_MAX && value <= FRAME_SIZE_MAX) break;
        return connectionFault(ErrorCode.PROTOCOL_ERROR, "MAX_FRAME_SIZE is out of its range");
    }
  }
  return settings;
}
