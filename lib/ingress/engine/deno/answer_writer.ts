/**
 * An answer as HTTP/1.1 has it: the head, and the content framed anew for this client. What is written together goes out
 * in one piece.
 * @module
 */
import { encodeLastChunk, encodeResponseHead } from "../../../wire/http1/encode.ts";
import type { Version } from "../../../wire/http1/event.ts";
import type { Field, Fields } from "../../../wire/http1/fields.ts";
import { encodeLatin1 } from "../../../wire/http1/octets.ts";
import { isOpenEnded } from "../edge_fields.ts";
import type { Answer } from "./asker.ts";

const CRLF = encodeLatin1("\r\n");

export class AnswerWriter {
  #parts: Uint8Array[] = [];
  #isChunked = false;
  #endsByClose = false;

  /** Whether the end of the connection is the end of the answer. */
  get endsByClose(): boolean {
    return this.#endsByClose;
  }

  begin({ status, reason, fields, framing, keepAlive }: Answer, client: Version): void {
    const isOpen = isOpenEnded(framing);
    this.#isChunked = isOpen && client === "1.1";
    this.#endsByClose = isOpen && client === "1.0";
    const added: Field[] = this.#isChunked ? [["Transfer-Encoding", "chunked"]] : [];
    if (!keepAlive || this.#endsByClose) added.push(["Connection", "close"]);
    else if (client === "1.0") added.push(["Connection", "keep-alive"]);
    const head = { status, fields: [...fields, ...added] };
    this.#parts.push(encodeResponseHead(reason === undefined ? head : { ...head, reason }));
  }

  data(bytes: Uint8Array): void {
    if (!this.#isChunked) this.#parts.push(bytes);
    else if (bytes.length > 0) this.#parts.push(encodeLatin1(`${bytes.length.toString(16)}\r\n`), bytes, CRLF);
  }

  end(trailers: Fields): void {
    if (this.#isChunked) this.#parts.push(encodeLastChunk(trailers));
  }

  /** What has been written since the last time, in one piece. */
  take(): Uint8Array {
    const parts = this.#parts;
    this.#parts = [];
    return parts.length === 1 ? parts[0]! : joined(parts);
  }

  takeBack(): void {
    this.#parts = [];
  }
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
