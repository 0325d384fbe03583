/**
 * What every frame must keep to, whatever state its stream is in: whether it belongs to a stream or to the connection,
 * and how long it is (RFC 9113 §6). Frames of unknown types are ignored.
 * @module
 */

import { connectionFault, ErrorCode, type Fault, streamFault } from "./error_code.ts";
import { Flag, type Frame, FrameType, PRIORITY_BYTES, readUint31 } from "./frames.ts";
import { dependencyFault } from "./header_block.ts";

interface Rule {
  readonly belongsTo: "stream" | "connection" | "either";
  readonly bytes?: number;
}

/** By type. */
const RULES: readonly Rule[] = [
  { belongsTo: "stream" },
  { belongsTo: "stream" },
  { belongsTo: "stream" },
  { belongsTo: "stream", bytes: 4 },
  { belongsTo: "connection" },
  { belongsTo: "stream" },
  { belongsTo: "connection", bytes: 8 },
  { belongsTo: "connection" },
  { belongsTo: "either", bytes: 4 },
  { belongsTo: "stream" },
];
const GOAWAY_BYTES_MIN = 8;

export function judgeFrame(frame: Frame): Fault | undefined {
  const { type, stream, payload } = frame;
  const rule = RULES[type];
  if (rule === undefined) return undefined;
  if (rule.belongsTo === "stream" && stream === 0) return protocol(`a frame of type ${type} without a stream`);
  if (rule.belongsTo === "connection" && stream !== 0) return protocol(`a frame of type ${type} on a stream`);
  if (rule.bytes !== undefined && payload.length !== rule.bytes) return wrongSize(type);
  switch (type) {
    case FrameType.PRIORITY:
      return judgePriority(frame);
    case FrameType.SETTINGS:
      return (frame.flags & Flag.ACK) !== 0 && payload.length > 0 ? wrongSize(type) : undefined;
    case FrameType.PUSH_PROMISE:
      return protocol("nothing may be pushed");
    case FrameType.GOAWAY:
      return payload.length < GOAWAY_BYTES_MIN ? wrongSize(type) : undefined;
    case FrameType.WINDOW_UPDATE:
      return readUint31(payload, 0) === 0 ? judgeNoGrowth(stream) : undefined;
  }
  return undefined;
}

function judgePriority({ stream, payload }: Frame): Fault | undefined {
  if (payload.length === PRIORITY_BYTES) return dependencyFault(stream, payload);
  return streamFault(stream, { code: ErrorCode.FRAME_SIZE_ERROR, detail: "PRIORITY has 5 bytes" });
}

function judgeNoGrowth(stream: number): Fault {
  const detail = "a window is opened by 0 bytes";
  return stream === 0 ? protocol(detail) : streamFault(stream, { code: ErrorCode.PROTOCOL_ERROR, detail });
}

function protocol(detail: string): Fault {
  return connectionFault(ErrorCode.PROTOCOL_ERROR, detail);
}

function wrongSize(type: number): Fault {
  return connectionFault(ErrorCode.FRAME_SIZE_ERROR, `a frame of type ${type} has the wrong size`);
}
