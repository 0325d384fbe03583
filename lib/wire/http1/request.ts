/**
 * The server's side of the machine: request heads. Everything that a request line or the fields of a request can get
 * wrong is refused here with the status that says what (RFC 9112 §3, §6).
 * @module
 */

import { type ErrorEvent, refuse, type RequestHead, type Version } from "./event.ts";
import type { Fields } from "./fields.ts";
import { type ControlFields, controlFields, declaredFraming, keepsAlive } from "./framing.ts";
import { type Limits, REQUEST_LIMITS } from "./limits.ts";
import { MessageReader } from "./message_reader.ts";
import { isToken, OCTET, TARGET } from "./octets.ts";
import { isAuthority, parseTarget, type Target } from "./target.ts";

/** Reads the requests of one connection, one after the other, pipelined or not. */
export class RequestReader extends MessageReader<RequestHead> {
  #method = "";
  #rawTarget = "";
  #target: Target = { form: "origin", path: "", authority: "" };
  #version: Version = "1.1";

  constructor(limits: Limits = REQUEST_LIMITS) {
    super(limits);
  }

  protected override begin(): undefined {}

  protected override fault(error: ErrorEvent): ErrorEvent {
    return error;
  }

  protected override startLine(line: string): ErrorEvent | undefined {
    const afterMethod = line.indexOf(" ");
    const beforeVersion = line.lastIndexOf(" ");
    const method = line.slice(0, Math.max(afterMethod, 0));
    if (!isToken(method)) return refuse(400, "the first line must be a method, a target and HTTP/1.1");
    const target = line.slice(afterMethod + 1, beforeVersion);
    const version = line.slice(beforeVersion + 1);
    if (!/^HTTP\/[0-9]\.[0-9]$/.test(version)) return refuse(400, "the first line must end in HTTP/1.1");
    if (version !== "HTTP/1.1" && version !== "HTTP/1.0") {
      return refuse(505, `${version} is not spoken here: HTTP/1.1 is`);
    }
    if (!isTarget(target)) return refuse(400, "the target is empty or holds characters that must be percent-encoded");
    const parsed = parseTarget(method, target);
    if ("kind" in parsed) return parsed;
    this.#method = method;
    this.#rawTarget = target;
    this.#target = parsed;
    this.#version = version === "HTTP/1.1" ? "1.1" : "1.0";
    return undefined;
  }

  protected override head(fields: Fields): RequestHead | ErrorEvent {
    const found = controlFields(fields);
    const version = this.#version;
    const hostFault = judgeHost(found, version);
    if (hostFault) return hostFault;
    const framing = declaredFraming(found, version) ?? { kind: "none" };
    if (framing.kind === "error") return framing;
    if (this.#method === "CONNECT" && framing.kind !== "none") return refuse(400, "CONNECT has no content");
    const expectation = version === "1.1" ? found.expect?.toLowerCase() : undefined;
    if (expectation !== undefined && expectation !== "100-continue") {
      return refuse(417, "the only expectation that can be met is 100-continue");
    }
    return {
      kind: "request",
      method: this.#method,
      target: this.#rawTarget,
      form: this.#target.form,
      path: this.#target.path,
      authority: this.#target.authority || (found.hosts[0] ?? ""),
      version,
      fields,
      framing: this.#method === "CONNECT" ? { kind: "tunnel" } : framing,
      keepAlive: keepsAlive(found, version),
      expectContinue: expectation !== undefined && framing.kind !== "none",
    };
  }
}

/** HTTP/1.1 needs exactly one Host, HTTP/1.0 at most one; also where the target names the authority. */
function judgeHost(found: ControlFields, version: Version): ErrorEvent | undefined {
  const host = found.hosts[0];
  if (host === undefined) return version === "1.0" ? undefined : refuse(400, "the field Host is missing");
  if (found.hosts.length > 1) return refuse(400, "more than one Host");
  return isAuthority(host) ? undefined : refuse(400, "Host must be a host with an optional port");
}

function isTarget(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f || (OCTET[code]! & TARGET) === 0) return false;
  }
  return text.length > 0;
}
