/**
 * A message of HTTP/1.1 on its way out: its head, and its content in the framing that the head declares. All of it is
 * laid into a buffer that is used for the next message again, since a buffer for each head would cost more than all else
 * about it, and goes out in one piece. Only what is large is not copied, and goes out as it is.
 * @module
 */
import { encodeLastChunk } from "../../../wire/http1/encode.ts";
import type { Fields } from "../../../wire/http1/fields.ts";
import { encodeLatin1, writeLatin1 } from "../../../wire/http1/octets.ts";

/** Most heads fit with their content. */
const BUFFER_BYTES = 16_384;
/** As many messages as are being written at once, most of the time. */
const SPARE_MAX = 64;
const CRLF = "\r\n";
const NOTHING = new Uint8Array(0);

const spare: Uint8Array[] = [];

/** Whatever takes bytes, and says whether all of them have gone out. */
export interface Sink {
  write(bytes: Uint8Array): Promise<boolean>;
}

export class MessageWriter {
  #buffer: Uint8Array = NOTHING;
  /** The stretch of the buffer that comes after the parts. */
  #from = 0;
  #to = 0;
  #parts: Uint8Array[] = [];
  #isChunked = false;

  /** Begins a message; of what the text holds all has been judged. */
  head(text: string, { isChunked }: { isChunked: boolean }): void {
    this.#isChunked = isChunked;
    this.#text(text);
  }

  /** The bytes must stay as they are until all has been sent. */
  data(bytes: Uint8Array): void {
    // An empty chunk would be the last one.
    if (bytes.length === 0) return;
    if (!this.#isChunked) return this.#bytes(bytes);
    this.#text(bytes.length.toString(16) + CRLF);
    this.#bytes(bytes);
    this.#text(CRLF);
  }

  end(trailers: Fields): void {
    if (this.#isChunked) this.#bytes(encodeLastChunk(trailers));
  }

  /** Sends what has been written since the last time; resolves to whether all has gone out. */
  async sendTo(sink: Sink): Promise<boolean> {
    const buffer = this.#buffer;
    const parts = this.#allParts();
    this.#reset();
    try {
      for (const part of parts) if (!await sink.write(part)) return false;
      return true;
    } finally {
      keep(buffer);
    }
  }

  /** Forgets what has been written since the last time. */
  takeBack(): void {
    keep(this.#buffer);
    this.#reset();
  }

  #text(text: string): void {
    if (!this.#hasRoomFor(text.length)) return this.#apart(encodeLatin1(text));
    writeLatin1(text, this.#to === 0 ? this.#buffer : this.#buffer.subarray(this.#to));
    this.#to += text.length;
  }

  #bytes(bytes: Uint8Array): void {
    if (!this.#hasRoomFor(bytes.length)) return this.#apart(bytes);
    this.#buffer.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  #hasRoomFor(length: number): boolean {
    if (this.#buffer === NOTHING) this.#buffer = spare.pop() ?? new Uint8Array(BUFFER_BYTES);
    return length <= this.#buffer.length - this.#to;
  }

  #apart(bytes: Uint8Array): void {
    this.#parts = this.#allParts();
    this.#parts.push(bytes);
    this.#from = this.#to;
  }

  #allParts(): Uint8Array[] {
    if (this.#to > this.#from) this.#parts.push(this.#buffer.subarray(this.#from, this.#to));
    return this.#parts;
  }

  #reset(): void {
    this.#buffer = NOTHING;
    this.#from = 0;
    this.#to = 0;
    this.#parts = [];
  }
}

/** Keeps a buffer for another message. */
function keep(buffer: Uint8Array): void {
  if (buffer !== NOTHING && spare.length < SPARE_MAX) spare.push(buffer);
}
