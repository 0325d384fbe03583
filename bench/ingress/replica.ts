/**
 * What all candidates have behind them, as cheap as Deno can make it: a small answer, 100 MB down and up, a WebSocket that
 * echoes its first bytes, and bare bytes either way. Takes the port where it is to listen.
 * @module
 */
import { BODY_BYTES, TCP_BYTES } from "./sizes.ts";

const BUFFER_BYTES = 262_144;
const text = new TextEncoder();
const ANSWER = "Hello from replica 00000000-0000-4000-8000-000000000000. Uptime: 1 s\n";
const SMALL = text.encode(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\nContent-Length: ` +
    `${ANSWER.length}\r\n\r\n${ANSWER}`,
);
const LARGE_HEAD = text.encode(`HTTP/1.1 200 OK\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`);
const TAKEN = text.encode("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
/** The answer to the key of RFC 6455, §1.3. */
const SWITCHED = text.encode(
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
);
const HELLO = new Uint8Array([0x81, 5, ...text.encode("hello")]);
const HEAD_END = "\r\n\r\n";

for await (const conn of Deno.listen({ hostname: "127.0.0.1", port: Number(Deno.args[0]) })) {
  conn.setNoDelay(true);
  serve(conn).catch((error) => {
    // Whoever is measured is killed at the end, and probes just go away.
    if (!(error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe)) throw error;
  });
}

async function serve(conn: Deno.Conn): Promise<void> {
  using _closing = conn;
  const small = new Uint8Array(4_096);
  let buffer: Uint8Array | undefined;
  for (let read = await conn.read(small); read !== null; read = await conn.read(small)) {
    // A head of a small request comes in one piece, and nothing follows it.
    if (small[0] === "G".charCodeAt(0) && small[5] === " ".charCodeAt(0)) {
      await writeAll(conn, SMALL);
      continue;
    }
    const head = new TextDecoder().decode(small.subarray(0, read));
    buffer ??= new Uint8Array(BUFFER_BYTES);
    if (head.startsWith("GET /large")) {
      await writeAll(conn, LARGE_HEAD);
      await give(conn, buffer, BODY_BYTES);
    } else if (head.startsWith("PUT /large")) {
      await take(conn, buffer, BODY_BYTES - (read - head.indexOf(HEAD_END) - HEAD_END.length));
      await writeAll(conn, TAKEN);
    } else if (head.startsWith("GET /ws")) {
      await writeAll(conn, SWITCHED);
      await conn.read(small);
      await writeAll(conn, HELLO);
    } else if (head.startsWith("bytes down")) {
      return await give(conn, buffer, TCP_BYTES);
    } else if (head.startsWith("bytes up")) {
      await take(conn, buffer, TCP_BYTES - (read - "bytes up\n".length));
      return await writeAll(conn, TAKEN);
    }
  }
}

async function give(conn: Deno.Conn, buffer: Uint8Array, bytes: number): Promise<void> {
  for (let left = bytes; left > 0;) left -= await conn.write(buffer.subarray(0, Math.min(left, buffer.length)));
}

async function take(conn: Deno.Conn, buffer: Uint8Array, bytes: number): Promise<void> {
  for (let left = bytes; left > 0;) left -= await conn.read(buffer) ?? Infinity;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
