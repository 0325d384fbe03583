/**
 * The client's side of the machine: answers of a replica. What can't be trusted is one thing only, 502; the connection
 * it came over must not be used again.
 * @module
 */

import { type ErrorEvent, type Framing, type InterimHead, refuse, type ResponseHead, type Version } from "./event.ts";
import type { Fields } from "./fields.ts";
import { type ControlFields, controlFields, declaredFraming, keepsAlive } from "./framing.ts";
import { type Limits, RESPONSE_LIMITS } from "./limits.ts";
import { MessageReader } from "./message_reader.ts";

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9][0-9])(?: (.*))?$/;

/** Reads the answers of one connection. What a request was decides how its answer ends: say so with `expect()`. */
export class ResponseReader extends MessageReader<ResponseHead | InterimHead> {
  #expected: string | undefined;
  #version: Version = "1.1";
  #status = 0;
  #reason = "";
  #interims = 0;

  constructor(limits: Limits = RESPONSE_LIMITS) {
    super(limits);
  }

  /** Announces the request that the next answer is for. One at a time: the machine doesn't pipeline. */
  expect(method: string): void {
    this.#expected = method;
    this.#interims = 0;
  }

  protected override begin(): ErrorEvent | undefined {
    return this.#expected === undefined ? refuse(502, "bytes came that no request asked for") : undefined;
  }

  protected override fault(error: ErrorEvent): ErrorEvent {
    return refuse(502, error.detail);
  }

  protected override startLine(line: string): ErrorEvent | undefined {
    const match = STATUS_LINE.exec(line);
    if (match === null) return refuse(502, "the status line is malformed");
    this.#version = match[1] === "1" ? "1.1" : "1.0";
    this.#status = Number(match[2]);
    this.#reason = match[3] ?? "";
    return undefined;
  }

  protected override head(fields: Fields): ResponseHead | InterimHead | ErrorEvent {
    const status = this.#status;
    if (status < 200 && status !== 101) {
      this.#interims++;
      if (this.#interims > this.limits.interimMax) return refuse(502, "too many interim answers");
      return { kind: "interim", status, reason: this.#reason, fields };
    }
    const found = controlFields(fields);
    const framing = this.#framing(found);
    if (framing.kind === "error") return framing;
    this.#expected = undefined;
    return {
      kind: "response",
      status,
      reason: this.#reason,
      version: this.#version,
      fields,
      framing,
      keepAlive: framing.kind !== "close" && framing.kind !== "tunnel" && keepsAlive(found, this.#version),
    };
  }

  /** RFC 9112 §6.3, in its order. Even where no content follows, framing that contradicts itself is refused. */
  #framing(found: ControlFields): Framing | ErrorEvent {
    const declared = declaredFraming(found, this.#version);
    if (declared?.kind === "error") return declared;
    const status = this.#status;
    if (status === 101 || (this.#expected === "CONNECT" && status < 300)) return { kind: "tunnel" };
    if (this.#expected === "HEAD" || status === 204 || status === 304) return { kind: "none" };
    return declared ?? { kind: "close" };
  }
}
