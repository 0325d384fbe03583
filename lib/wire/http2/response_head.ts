/**
 * Heads of answers (RFC 9113 §8.3.2). What can't be trusted is malformed; only its stream suffers.
 * @module
 */

import { ErrorCode, type Fault, malformed, streamFault } from "./error_code.ts";
import type { InterimHead, ResponseHead } from "./event.ts";
import { type FieldSection, judgeFields } from "./field_section.ts";
import type { HeaderList } from "./hpack/decoder.ts";
import { framingOf } from "./request_head.ts";

export interface ResponseContext {
  readonly stream: number;
  readonly isLast: boolean;
  /** Of the request: what it was decides whether content may follow. */
  readonly method: string;
}

export function judgeResponse(list: HeaderList, context: ResponseContext): ResponseHead | InterimHead | Fault {
  const { stream, isLast, method } = context;
  if (list.isTooLarge) {
    return streamFault(stream, { code: ErrorCode.ENHANCE_YOUR_CALM, detail: "the answer's fields are too large" });
  }
  const section = judgeFields(list.fields);
  if (section.kind === "flaw") return malformed(stream, section.detail);
  const status = statusOf(section);
  if (status === undefined) return malformed(stream, ":status is missing, no status, or beside others");
  const { fields, contentBytes } = section;
  if (status < 200) {
    if (status === 101) return malformed(stream, "101 has no place in HTTP/2");
    return isLast
      ? malformed(stream, "an interim answer ends its stream")
      : { kind: "interim", stream, status, fields };
  }
  if (isBodiless(status, method)) {
    return { kind: "response", stream, status, version: "2", fields, framing: { kind: "none" } };
  }
  if (isLast && (contentBytes ?? 0) > 0) return malformed(stream, "content-length promises content, and none follows");
  return { kind: "response", stream, status, version: "2", fields, framing: framingOf(contentBytes, isLast) };
}

/** Answers that have no content, whatever their fields say about it. */
function isBodiless(status: number, method: string): boolean {
  return method === "HEAD" || status === 204 || status === 304;
}

function statusOf({ status = "", method, scheme, path, authority }: FieldSection): number | undefined {
  const hasOthers = method !== undefined || scheme !== undefined || path !== undefined || authority !== undefined;
  return !hasOthers && /^[1-5][0-9][0-9]$/.test(status) ? Number(status) : undefined;
}
