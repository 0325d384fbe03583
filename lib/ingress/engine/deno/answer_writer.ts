/**
 * An answer as HTTP/1.1 has it: the head, and the content framed anew for this client.
 * @module
 */
import { judgedResponseText } from "../../../wire/http1/encode.ts";
import type { Version } from "../../../wire/http1/event.ts";
import { isOpenEnded } from "../edge_fields.ts";
import type { Answer } from "./asker.ts";
import { MessageWriter } from "./message_writer.ts";

export class AnswerWriter extends MessageWriter {
  #endsByClose = false;

  /** Whether the end of the connection is the end of the answer. */
  get endsByClose(): boolean {
    return this.#endsByClose;
  }

  begin({ status, reason, fields, framing, keepAlive }: Answer, client: Version): void {
    const isOpen = isOpenEnded(framing);
    const isChunked = isOpen && client === "1.1";
    this.#endsByClose = isOpen && client === "1.0";
    let all = fields;
    if (isChunked) all = [...all, ["Transfer-Encoding", "chunked"]];
    if (!keepAlive || this.#endsByClose) all = [...all, ["Connection", "close"]];
    else if (client === "1.0") all = [...all, ["Connection", "keep-alive"]];
    this.head(judgedResponseText({ status, reason, fields: all }), { isChunked });
  }
}
