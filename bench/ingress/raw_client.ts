/**
 * A client that sends bytes as they are: the least that a measurement can cost.
 * @module
 */
const HEAD_END = "\r\n\r\n";
const HEAD_BYTES_MAX = 4_096;

export async function connectTo(port: number): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  return conn;
}

export function requestBytes(line: string, fields: readonly string[] = []): Uint8Array {
  return new TextEncoder().encode([`${line} HTTP/1.1`, "Host: bench.example", ...fields, "", ""].join("\r\n"));
}

export async function send(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

export interface Answer {
  status: number;
  /** Of the content that came along with the head, and of all of it. */
  received: number;
  length: number;
}

/** Reads until the head of an answer is there, with what came along of its content. */
export async function answerOn(conn: Deno.Conn): Promise<Answer> {
  const buffer = new Uint8Array(HEAD_BYTES_MAX);
  const decoder = new TextDecoder("latin1");
  for (let filled = 0; filled < buffer.length;) {
    const read = await conn.read(buffer.subarray(filled));
    if (read === null) throw new Deno.errors.ConnectionReset("Cannot measure: closed instead of answered");
    filled += read;
    const text = decoder.decode(buffer.subarray(0, filled));
    const end = text.indexOf(HEAD_END);
    if (end === -1) continue;
    const [, length = "0"] = /^content-length: *(\d+)/im.exec(text.slice(0, end)) ?? [];
    const status = Number(text.slice("HTTP/1.1 ".length).slice(0, 3));
    return { status, received: filled - end - HEAD_END.length, length: Number(length) };
  }
  throw new Error(`Cannot measure: an answer's head has more than ${HEAD_BYTES_MAX} bytes`);
}

/** Reads so many bytes and forgets them. */
export async function discard(conn: Deno.Conn, bytes: number, buffer: Uint8Array): Promise<void> {
  for (let left = bytes; left > 0;) {
    const read = await conn.read(buffer);
    if (read === null) throw new Error(`Cannot measure: ${left} of ${bytes} bytes did not come`);
    left -= read;
  }
}

/** Whether the other side has gone, or this one has closed it. */
export function hasEnded(error: unknown): boolean {
  const { ConnectionReset, BrokenPipe, BadResource, Interrupted } = Deno.errors;
  return [ConnectionReset, BrokenPipe, BadResource, Interrupted].some((kind) => error instanceof kind);
}
