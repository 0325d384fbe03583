/**
 * One socket of the engine, to a client or to a replica. It reads into a buffer that is small while little comes, since
 * most connections rest most of the time, and grows with what does; it writes whole, and says plainly how it ended.
 * @module
 */
import { isDisconnect } from "../../runtime/disconnect.ts";

/** A small request fits. */
const BUFFER_BYTES_MIN = 512;
/** Whoever has sent more gets this much the next time: most requests of browsers fit. */
const BUFFER_BYTES_RESTING = 2_048;
/** Larger buffers make large bodies no cheaper. */
const BUFFER_BYTES_MAX = 262_144;
const GROWTH = 4;

/** What a read gave: bytes that are good until the next one, or how the other side ended. */
export type Read = Uint8Array | "closed" | "cut";

export class Channel {
  readonly #conn: Deno.Conn;
  #buffer: Uint8Array | undefined;
  #bufferBytes = BUFFER_BYTES_MIN;
  #isClosed = false;
  bytesRead = 0;
  bytesWritten = 0;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** One read at a time. */
  async read(): Promise<Read> {
    const buffer = this.#buffer ??= new Uint8Array(this.#bufferBytes);
    let count: number | null;
    try {
      count = await this.#conn.read(buffer);
    } catch (error) {
      if (!isDisconnect(error)) throw error;
      return "cut";
    }
    if (count === null) return this.#isClosed ? "cut" : "closed";
    this.bytesRead += count;
    if (count === buffer.length && count < BUFFER_BYTES_MAX) {
      this.#bufferBytes = Math.min(BUFFER_BYTES_MAX, count * GROWTH);
      this.#buffer = undefined;
    }
    return count === buffer.length ? buffer : buffer.subarray(0, count);
  }

  /** Gives a large buffer back: nothing is expected soon. */
  shrink(): void {
    if (this.#bufferBytes <= BUFFER_BYTES_RESTING) return;
    this.#bufferBytes = BUFFER_BYTES_RESTING;
    this.#buffer = undefined;
  }

  /** Resolves to whether all has gone out. The bytes must stay as they are until then. */
  async write(bytes: Uint8Array): Promise<boolean> {
    try {
      let written = await this.#conn.write(bytes);
      this.bytesWritten += written;
      while (written < bytes.length) {
        const more = await this.#conn.write(bytes.subarray(written));
        this.bytesWritten += more;
        written += more;
      }
      return true;
    } catch (error) {
      if (!isDisconnect(error)) throw error;
      return false;
    }
  }

  /** Says that nothing more will be written; what the other side has yet to say can still be read. */
  async endWriting(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }
}
