/**
 * Where a message's content ends: reads the fields that decide it (Content-Length, Transfer-Encoding) and those that
 * belong to the connection, in one pass. Whatever two readers could understand differently is refused; that is what
 * request smuggling lives on (RFC 9112 §6.3, §11.2).
 * @module
 */

import { type ErrorEvent, type Framing, refuse, type Version } from "./event.ts";
import type { Fields } from "./fields.ts";

/** The fields that the machine itself obeys. */
export interface ControlFields {
  hosts: string[];
  contentLength: string | undefined;
  contentLengths: number;
  transferEncoding: string | undefined;
  transferEncodings: number;
  expect: string | undefined;
  connection: string;
}

/** Collects the control fields. The lengths of their names differ, so most fields cost one comparison. */
export function controlFields(fields: Fields): ControlFields {
  const found: ControlFields = {
    hosts: [],
    contentLength: undefined,
    contentLengths: 0,
    transferEncoding: undefined,
    transferEncodings: 0,
    expect: undefined,
    connection: "",
  };
  for (const [name, value] of fields) {
    switch (name.length) {
      case 4:
        if (name.toLowerCase() === "host") found.hosts.push(value);
        break;
      case 6:
        // Said twice, it is a list, and never the one expectation that is met.
        if (name.toLowerCase() === "expect") {
          found.expect = found.expect === undefined ? value : `${found.expect},${value}`;
        }
        break;
      case 10:
        if (name.toLowerCase() === "connection") found.connection += `,${value.toLowerCase()}`;
        break;
      case 14:
        if (name.toLowerCase() !== "content-length") break;
        found.contentLength = value;
        found.contentLengths++;
        break;
      case 17:
        if (name.toLowerCase() !== "transfer-encoding") break;
        found.transferEncoding = value;
        found.transferEncodings++;
        break;
    }
  }
  return found;
}

/** The framing that the fields declare, or undefined when they declare none. */
export function declaredFraming(found: ControlFields, version: Version): Framing | ErrorEvent | undefined {
  if (found.transferEncodings > 0) {
    if (found.contentLengths > 0) return refuse(400, "Content-Length and Transfer-Encoding exclude each other");
    if (version === "1.0") return refuse(400, "HTTP/1.0 knows no Transfer-Encoding");
    if (found.transferEncodings > 1) return refuse(400, "more than one Transfer-Encoding");
    return codedFraming(found.transferEncoding ?? "");
  }
  if (found.contentLengths === 0) return undefined;
  if (found.contentLengths > 1) return refuse(400, "more than one Content-Length");
  const text = found.contentLength ?? "";
  const bytes = Number(text);
  // Only the one way of writing a number that no reader can take for another: no sign, no zero in front, no list.
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(bytes)) {
    return refuse(400, "Content-Length must be a plain decimal number");
  }
  return { kind: "length", bytes };
}

/** Whether the connection outlives the message: by default in HTTP/1.1, by agreement in HTTP/1.0. */
export function keepsAlive(found: ControlFields, version: Version): boolean {
  if (found.connection === "") return version === "1.1";
  if (found.connection === ",keep-alive") return true;
  const options = found.connection.split(",").map((option) => option.trim());
  if (options.includes("close")) return false;
  return version === "1.1" || options.includes("keep-alive");
}

function codedFraming(value: string): Framing | ErrorEvent {
  const text = value.toLowerCase();
  if (text === "chunked") return { kind: "chunked" };
  const codings = text.split(",").map((coding) => coding.trim());
  const last = codings.pop();
  if (last !== "chunked") return refuse(400, "Transfer-Encoding must end in chunked");
  const known = codings.every((coding) => /^(?:gzip|x-gzip|deflate|compress|x-compress)$/.test(coding));
  return known
    ? refuse(501, "transfer codings other than chunked are not supported")
    : refuse(400, "Transfer-Encoding names an unknown coding, or chunked twice");
}
