/**
 * A replica that keeps every byte that reaches it, and answers each request once the naive reading takes it for complete.
 * @module
 */
import { decodeLatin1, encodeLatin1 } from "../../../lib/wire/http1/octets.ts";
import { type Replica, serveRaw } from "../../ingress/rig.ts";
import { naiveReading, type NaiveRequest } from "./naive_reading.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

export interface Recorder extends Replica {
  /** What came over each connection. */
  readonly connections: string[];
  /** All of that. */
  readonly text: string;
  /** The complete requests of all connections. */
  readonly requests: NaiveRequest[];
  /** Begins anew; connections that are open stay so. */
  forget(): void;
}

export interface RecorderOptions {
  /** What a request is answered with; `end` closes the connection after it. */
  answer?: string | ((request: NaiveRequest) => string);
  then?: "keep" | "end";
}

interface Heard {
  text: string;
  answered: number;
}

export function startRecorder({ answer = OK, then = "keep" }: RecorderOptions = {}): Recorder {
  let connections: Heard[] = [];
  const replica = serveRaw(async (conn) => {
    const heard: Heard = { text: "", answered: 0 };
    connections.push(heard);
    const buffer = new Uint8Array(65_536);
    for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
      heard.text += decodeLatin1(buffer, 0, count);
      if (!connections.includes(heard)) connections.push(heard);
      for (const request of read(heard.text).slice(heard.answered)) {
        const text = typeof answer === "string" ? answer : answer(request);
        heard.answered++;
        await writeAll(conn, request.method === "HEAD" ? text.slice(0, text.indexOf("\r\n\r\n") + 4) : text);
        if (then === "end") return;
      }
    }
  });
  return {
    ...replica,
    get connections() {
      return connections.map(({ text }) => text);
    },
    get text() {
      return this.connections.join("");
    },
    get requests() {
      return this.connections.flatMap(read);
    },
    forget() {
      for (const heard of connections) Object.assign(heard, { text: "", answered: 0 });
      connections = [];
    },
  };
}

/** A request without a host, which HTTP/1.0 allows, is passed on with an empty one. */
function read(text: string): NaiveRequest[] {
  return naiveReading(text.replaceAll("\r\nHost: \r\n", "\r\nHost: none\r\n")).requests;
}

/** Writes a text, one byte for each character. */
export async function writeAll(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = encodeLatin1(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
