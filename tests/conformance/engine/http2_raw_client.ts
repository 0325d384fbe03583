/**
 * A client that sends frames of HTTP/2 over TLS as they are, however wrong, and writes down in words what comes back.
 * @module
 */
import { isDisconnect } from "../../../lib/runtime/disconnect.ts";
import { Decoder } from "../../../lib/wire/http2/hpack/decoder.ts";
import { type Frame, FrameType, readUint32 } from "../../../lib/wire/http2/frames.ts";
import { FrameReader } from "../../../lib/wire/http2/frame_reader.ts";
import { CLIENT_LIMITS } from "../../../lib/wire/http2/limits.ts";

/** No conversation of a test takes so long: one that does hangs, and is cut. */
const HANGS_MS = 20_000;

export interface Server {
  port: number;
  /** Whom to believe, in PEM. */
  authority: string;
}

export class Http2RawClient implements Disposable {
  readonly conn: Deno.TlsConn;
  /** "GOAWAY code 1", "RST_STREAM 3 code 1", "stream 1: 200", as far as they matter. */
  readonly heard: string[] = [];
  readonly #reader = new FrameReader();
  readonly #decoder = new Decoder(CLIENT_LIMITS);
  readonly #buffer = new Uint8Array(65_536);
  readonly #timer: ReturnType<typeof setTimeout>;
  #isHanging = false;

  private constructor(conn: Deno.TlsConn) {
    this.conn = conn;
    this.#timer = setTimeout(() => {
      this.#isHanging = true;
      this.conn.close();
    }, HANGS_MS);
  }

  static async connect({ port, authority }: Server): Promise<Http2RawClient> {
    const conn = await Deno.connectTls({
      hostname: "localhost",
      port,
      caCerts: [authority],
      alpnProtocols: ["h2"],
    });
    await conn.handshake();
    return new Http2RawClient(conn);
  }

  /** Resolves to whether all could be sent. */
  async send(bytes: Uint8Array): Promise<boolean> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.conn.write(bytes.subarray(at));
      return true;
    } catch (error) {
      if (!isDisconnect(error)) throw error;
      return false;
    }
  }

  /** Listens until this has been heard. */
  async until(line: string): Promise<void> {
    while (!this.heard.includes(line)) {
      if (!await this.#read()) throw new Error(`Cannot hear "${line}": the connection ended after ${this.heard}`);
    }
  }

  /** Listens until the other side closes. */
  async toEnd(): Promise<string[]> {
    while (await this.#read());
    return this.heard;
  }

  async #read(): Promise<boolean> {
    let count: number | null = null;
    try {
      count = await this.conn.read(this.#buffer);
    } catch (error) {
      if (!isDisconnect(error) && !this.#isHanging) throw error;
    }
    if (this.#isHanging) throw new Error(`Cannot listen on: the connection hangs after ${this.heard}`);
    if (count === null) return false;
    this.#reader.push(this.#buffer.slice(0, count));
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      if (!("kind" in frame)) this.#hear(frame);
    }
    return true;
  }

  #hear({ type, stream, payload }: Frame): void {
    if (type === FrameType.RST_STREAM) this.heard.push(`RST_STREAM ${stream} code ${readUint32(payload, 0)}`);
    if (type === FrameType.GOAWAY) this.heard.push(`GOAWAY code ${readUint32(payload, 4)}`);
    if (type !== FrameType.HEADERS) return;
    const list = this.#decoder.decode(payload);
    const status = list.kind === "list" && list.fields.find(([name]) => name === ":status")?.[1];
    if (status !== undefined) this.heard.push(`stream ${stream}: ${status}`);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    if (!this.#isHanging) this.conn.close();
  }
}
