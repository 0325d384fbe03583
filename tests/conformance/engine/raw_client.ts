/**
 * A client that sends bytes as they are, however wrong, and writes down all that comes back.
 * @module
 */
import { isDisconnect } from "../../../lib/runtime/disconnect.ts";
import { decodeLatin1 } from "../../../lib/wire/http1/octets.ts";
import { writeAll } from "./recorder.ts";

/** No conversation of a test takes so long: one that does hangs, and is cut. */
const HANGS_MS = 20_000;

export interface SayOptions {
  /** Says that nothing more will come, as it would if it were gone. */
  isEnding?: boolean;
}

/** Says something, in one piece or several, and listens until the other side closes. */
export async function say(
  port: number,
  text: string | readonly string[],
  { isEnding = false }: SayOptions = {},
): Promise<string> {
  using client = await RawClient.connect(port);
  for (const part of typeof text === "string" ? [text] : text) {
    if (!await client.send(part)) break;
    // Pieces of one connection arrive as one where nothing lies between them.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  if (isEnding) await client.end();
  return await client.toEnd();
}

export class RawClient implements Disposable {
  readonly conn: Deno.TcpConn;
  /** All that has come. */
  text = "";
  readonly #buffer = new Uint8Array(65_536);
  readonly #timer: ReturnType<typeof setTimeout>;
  #isHanging = false;

  private constructor(conn: Deno.TcpConn) {
    this.conn = conn;
    this.#timer = setTimeout(() => {
      this.#isHanging = true;
      this.conn.close();
    }, HANGS_MS);
  }

  static async connect(port: number): Promise<RawClient> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    return new RawClient(conn);
  }

  /** Resolves to whether it could be sent. */
  async send(text: string): Promise<boolean> {
    return await unlessGone(writeAll(this.conn, text).then(() => true)) ?? false;
  }

  async end(): Promise<void> {
    await unlessGone(this.conn.closeWrite());
  }

  /** Listens until what has come, since it was last asked, holds this. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) {
      if (!await this.#read()) throw new Error(`Cannot find ${pattern}: the connection ended after "${this.text}"`);
    }
    const { text } = this;
    this.text = "";
    return text;
  }

  /** Listens until the other side closes. */
  async toEnd(): Promise<string> {
    while (await this.#read());
    return this.text;
  }

  async #read(): Promise<boolean> {
    const count = await unlessGone(this.conn.read(this.#buffer));
    if (this.#isHanging) throw new Error(`Cannot listen to the end: the connection stays open after "${this.text}"`);
    this.text += decodeLatin1(this.#buffer, 0, count ?? 0);
    return typeof count === "number";
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    if (!this.#isHanging) this.conn.close();
  }
}

/** The statuses of the answers in a text, interim ones too. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!isDisconnect(error)) throw error;
    return undefined;
  }
}
