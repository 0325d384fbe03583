/**
 * Asks a replica for a path over a fresh connection, and judges the answer: its status, and what its body contains.
 * @module
 */
import { type Health, isGoodStatus } from "../../cluster/health.ts";
import { VERSION } from "../../runtime/version.ts";
import type { InterimHead, ResponseHead } from "../../wire/http1/event.ts";
import { ResponseReader } from "../../wire/http1/response.ts";
import { HttpConnection, writeAll } from "../http/http_connection.ts";
import type { ProbeResult } from "./probe.ts";

const READ_BYTES = 8_192;
/** Of a body, so much is looked at. */
const BODY_BYTES_MAX = 65_536;

type Connection = HttpConnection<ResponseHead | InterimHead, ResponseReader>;

/** Rejects when the connection breaks in a way that HTTP has no word for. */
export async function askOverHttp(conn: Deno.Conn, path: string, health: Health): Promise<ProbeResult> {
  const { hostname, port } = conn.remoteAddr as Deno.NetAddr;
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`,
    `User-Agent: muster-agent/${VERSION}`,
    "Accept: */*",
    "Connection: close",
  ];
  const connection: Connection = new HttpConnection(conn, new ResponseReader(), { bufferBytes: READ_BYTES });
  connection.reader.expect("GET");
  await writeAll(conn, new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  const head = await finalHead(connection);
  if (typeof head === "string") return { ok: false, detail: head };
  if (!isGoodStatus(health, head.status)) return { ok: false, detail: `GET ${path} gave ${head.status}` };
  const missing = health.body === undefined ? undefined : await whyWithout(connection, health.body);
  return missing === undefined ? { ok: true, detail: "" } : { ok: false, detail: `GET ${path} ${missing}` };
}

/** The head of the final answer, or why there is none. */
async function finalHead(connection: Connection): Promise<ResponseHead | string> {
  while (true) {
    const event = await connection.event();
    if (event.kind === "response") return event;
    if (event.kind === "error") return `what answers speaks no HTTP: ${event.detail}`;
    if (event.kind === "closed") return "the connection was closed without an answer";
  }
}

/** Reads the body until the text was found, or says why it wasn't. */
async function whyWithout(connection: Connection, text: string): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let body = "";
  let left = BODY_BYTES_MAX;
  while (left > 0) {
    const event = await connection.event();
    if (event.kind === "error") return `was cut off: ${event.detail}`;
    if (event.kind !== "data") return `gave no ${JSON.stringify(text)} in its body`;
    const bytes = event.bytes.subarray(0, left);
    left -= bytes.length;
    // What was looked at already is kept as far as the text may have begun in it.
    body = body.slice(-text.length) + decoder.decode(bytes, { stream: true });
    if (body.includes(text)) return undefined;
  }
  return `gave no ${JSON.stringify(text)} in the first ${BODY_BYTES_MAX} bytes of its body`;
}
