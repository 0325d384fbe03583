/**
 * The octets that begin a client's connection (RFC 9113 §3.4). They are no HTTP/1.1 that anybody speaks, so a port
 * without TLS can tell from them which of the two a client speaks (prior knowledge; `Upgrade: h2c` is not offered).
 * @module
 */

import { encodeLatin1 } from "../http1/octets.ts";

export const PREFACE: Uint8Array = encodeLatin1("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Whether a connection begins as HTTP/2 does; `more` when the bytes so far leave it open. */
export function beginsHttp2(bytes: Uint8Array): "yes" | "no" | "more" {
  const known = Math.min(bytes.length, PREFACE.length);
  for (let at = 0; at < known; at++) {
    if (bytes[at] !== PREFACE[at]) return "no";
  }
  return known === PREFACE.length ? "yes" : "more";
}
