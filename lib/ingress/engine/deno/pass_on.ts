/**
 * A replica's answer on its way to the client. What has come along with its head goes out in one piece with it, as most
 * answers are small; the rest as it comes, and no faster than the client takes it. An answer that breaks off breaks off
 * for the client too: it is never completed falsely.
 * @module
 */
import { encodeChunk, encodeLastChunk, encodeResponseHead } from "../../../wire/http1/encode.ts";
import type { DataEvent, EndEvent, RequestHead, ResponseHead } from "../../../wire/http1/event.ts";
import type { Fields } from "../../../wire/http1/fields.ts";
import type { ReplicaConnection } from "../../upstream/replica_connection.ts";
import { answerFields, type AnswerFraming, answerFraming } from "../edge_fields.ts";
import type { ClientConnection } from "./client_connection.ts";
import { joined } from "./request_content.ts";

/** What arrived together goes out together, up to this. */
const TOGETHER_BYTES_MAX = 131_072;

export interface PassOn {
  request: RequestHead;
  answer: ResponseHead;
  from: ReplicaConnection;
  to: ClientConnection;
  /** Whether the client's connection goes on after it. */
  keepAlive: boolean;
  added: Fields;
  /** Called before each wait for the replica. */
  onWait: () => void;
}

export type PassedOn =
  | "whole"
  /** Nothing of it has gone out: the client can still be told so. */
  | "unreadable"
  | "broken by replica"
  | "broken by client";

export async function passOn(given: PassOn): Promise<PassedOn> {
  const { request, answer, from, to, keepAlive, added } = given;
  const framing = answerFraming(answer, request.version);
  const fields = answerFields(answer, {
    framing,
    client: request.version,
    keepAlive: keepAlive && framing !== "close",
    added,
  });
  const head = encodeResponseHead({ status: answer.status, reason: answer.reason, fields });
  const isBodiless = answer.framing.kind === "none";
  const parts = [head];
  let bytes = head.length;
  while (bytes < TOGETHER_BYTES_MAX) {
    const event = from.eventNow();
    if (event === undefined) break;
    if (event.kind !== "data" && event.kind !== "end") return "unreadable";
    const piece = isBodiless ? undefined : encoded(event, framing);
    if (piece !== undefined) {
      // A view is good until the machine is asked again.
      parts.push(framing === "chunked" ? piece : piece.slice());
      bytes += piece.length;
    }
    if (event.kind === "end") return await to.send(together(parts)) ? "whole" : "broken by client";
  }
  if (!await to.send(together(parts))) return "broken by client";
  return await passRest(given, framing);
}

async function passRest({ from, to, onWait }: PassOn, framing: AnswerFraming): Promise<PassedOn> {
  for (;;) {
    onWait();
    const event = await from.event();
    if (event.kind !== "data" && event.kind !== "end") return "broken by replica";
    const piece = encoded(event, framing);
    if (piece !== undefined && !await to.send(piece)) return "broken by client";
    if (event.kind === "end") return "whole";
  }
}

function encoded(event: DataEvent | EndEvent, framing: AnswerFraming): Uint8Array | undefined {
  if (event.kind === "data") return framing === "chunked" ? encodeChunk(event.bytes) : event.bytes;
  return framing === "chunked" ? encodeLastChunk(event.trailers) : undefined;
}

function together(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : joined(parts);
}
