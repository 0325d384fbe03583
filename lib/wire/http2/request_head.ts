/**
 * Request heads (RFC 9113 §8.3.1). What two readers could take for two different requests is malformed, and its stream
 * is reset; what is only too large or can't be promised is answered with a status.
 * @module
 */

import { isToken, OCTET, TARGET } from "../http1/octets.ts";
import { isAuthority } from "../http1/target.ts";
import { type Fault, malformed } from "./error_code.ts";
import type { Framing, RefusedEvent, RequestHead } from "./event.ts";
import { type FieldSection, judgeFields } from "./field_section.ts";
import type { HeaderList } from "./hpack/decoder.ts";
import type { Limits } from "./limits.ts";

export interface RequestContext {
  readonly stream: number;
  /** Whether nothing follows. */
  readonly isLast: boolean;
  readonly limits: Limits;
}

export function judgeRequest(list: HeaderList, context: RequestContext): RequestHead | RefusedEvent | Fault {
  const { stream, isLast, limits: { fieldsBytesMax, fieldsMax, pathBytesMax } } = context;
  if (list.isTooLarge) {
    const detail = `the fields are more than ${fieldsMax}, or longer than ${fieldsBytesMax} bytes`;
    return { kind: "refused", stream, status: 431, detail };
  }
  const section = judgeFields(list.fields);
  if (section.kind === "flaw") return malformed(stream, section.detail);
  const target = targetOf(section);
  if (typeof target === "string") return malformed(stream, target);
  const { contentBytes, expect } = section;
  if (isLast && (contentBytes ?? 0) > 0) return malformed(stream, "content-length promises content, and none follows");
  if (target.path.length > pathBytesMax) {
    return { kind: "refused", stream, status: 414, detail: `the path is longer than ${pathBytesMax} bytes` };
  }
  if (expect !== undefined && expect.toLowerCase() !== "100-continue") {
    return { kind: "refused", stream, status: 417, detail: "the only expectation that can be met is 100-continue" };
  }
  return {
    kind: "request",
    stream,
    ...target,
    version: "2",
    fields: section.fields,
    framing: framingOf(contentBytes, isLast),
    expectContinue: expect !== undefined && !isLast,
  };
}

/** What a head says about its content; shared with answers. */
export function framingOf(contentBytes: number | undefined, isLast: boolean): Framing {
  if (contentBytes !== undefined) return { kind: "length", bytes: contentBytes };
  return isLast ? { kind: "none" } : { kind: "unknown" };
}

type Target = Pick<RequestHead, "method" | "target" | "form" | "path" | "authority" | "scheme">;

function targetOf(section: FieldSection): Target | string {
  const { method = "", scheme, path, host, status } = section;
  const authority = section.authority ?? host;
  if (status !== undefined) return "a request has no :status";
  if (!isToken(method)) return ":method is missing or no method";
  if (authority === undefined || !isAuthority(authority)) return ":authority must be a host with an optional port";
  if (host !== undefined && host.toLowerCase() !== authority.toLowerCase()) return ":authority and Host differ";
  if (method === "CONNECT") {
    if (scheme !== undefined || path !== undefined) return "CONNECT has neither :scheme nor :path";
    if (section.authority === undefined) return "CONNECT needs :authority";
    return { method, target: authority, form: "authority", path: "", authority, scheme: "http" };
  }
  if (scheme !== "http" && scheme !== "https") return ":scheme must be http or https";
  if (path === undefined || !isTarget(path)) return ":path is missing or holds what must be percent-encoded";
  if (path === "*" && method === "OPTIONS") return { method, target: path, form: "asterisk", path, authority, scheme };
  if (!path.startsWith("/")) return ":path must begin with /";
  return { method, target: path, form: "origin", path, authority, scheme };
}

function isTarget(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if ((OCTET[text.charCodeAt(at)]! & TARGET) === 0 || text.charCodeAt(at) > 0x7f) return false;
  }
  return text.length > 0;
}
