/**
 * Sends one reply: short ones in a single write, streams chunk by chunk, each flushed at once. A client that leaves
 * ends the stream behind its reply.
 * @module
 */

import type { RequestHead } from "../../wire/http1/event.ts";
import type { Field } from "../../wire/http1/fields.ts";
import { encodeChunk, LAST_CHUNK, responseHeadText } from "../../wire/http1/encode.ts";
import { encodeLatin1 } from "../../wire/http1/octets.ts";
import type { HttpReply } from "./http_message.ts";

const ENCODER = new TextEncoder();
const DATE_VALID_MS = 1_000;
let date = { text: "", until: 0 };

export interface SendOptions {
  /** The request's; undefined when it was too broken to have one. */
  readonly head?: RequestHead;
  /** Whether the connection shall be used again. */
  readonly keepAlive: boolean;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Aborts when the client is gone; asked for by streams only, since most replies never need one. */
  readonly gone: () => AbortSignal;
}

/** Sends the reply. False when the connection can't be used again, whatever was agreed. */
export async function sendReply(reply: HttpReply, options: SendOptions): Promise<boolean> {
  const { head, write } = options;
  const { body } = reply;
  const bodiless = head?.method === "HEAD" || reply.status === 204 || reply.status === 304;
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
    const content = typeof body === "string" ? ENCODER.encode(body) : body ?? new Uint8Array(0);
    const framing: Field[] = reply.status === 204 || (reply.status === 304 && body === undefined)
      ? []
      : [["content-length", String(content.length)]];
    const headBytes = replyHead(reply, { framing, keepAlive: options.keepAlive, head });
    await write(bodiless ? headBytes : joined(headBytes, content));
    return options.keepAlive;
  }
  // HTTP/1.0 has no chunks: there the connection's end is the body's.
  const chunked = head?.version !== "1.0";
  const keepAlive = options.keepAlive && chunked;
  const framing: Field[] = chunked ? [["transfer-encoding", "chunked"]] : [];
  const iterator = iteratorOf(body);
  try {
    await write(replyHead(reply, { framing, keepAlive, head }));
    if (bodiless) {
      endIterator(iterator);
      return keepAlive;
    }
    const complete = await sendChunks(iterator, { chunked, write, gone: options.gone() });
    return keepAlive && complete;
  } catch (error) {
    endIterator(iterator);
    throw error;
  }
}

async function sendChunks(
  iterator: AsyncIterator<Uint8Array>,
  options: { chunked: boolean; write: (bytes: Uint8Array) => Promise<void>; gone: AbortSignal },
): Promise<boolean> {
  const { chunked, write, gone } = options;
  // One waker for the whole stream: racing each step against one long promise would pile up reactions for its life.
  let wake: ((step: "gone") => void) | undefined;
  const onGone = () => wake?.("gone");
  gone.addEventListener("abort", onGone);
  try {
    for (;;) {
      const step = gone.aborted ? "gone" : await new Promise<IteratorResult<Uint8Array> | "gone">((resolve, reject) => {
        wake = resolve;
        iterator.next().then(resolve, reject);
      });
      if (step === "gone") {
        endIterator(iterator);
        return false;
      }
      if (step.done) break;
      if (step.value.length > 0) await write(chunked ? encodeChunk(step.value) : step.value);
    }
    if (chunked) await write(LAST_CHUNK);
    return true;
  } finally {
    gone.removeEventListener("abort", onGone);
  }
}

/** A ReadableStream's own iterator would wait for the read under way before it cancels; its reader cancels at once. */
function iteratorOf(body: AsyncIterable<Uint8Array>): AsyncIterator<Uint8Array> {
  if (!(body instanceof ReadableStream)) return body[Symbol.asyncIterator]();
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done, value };
    },
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

/** Ends a stream nobody reads. Not awaited: a generator that waits for its next line ends only after that. */
function endIterator(iterator: AsyncIterator<Uint8Array>): void {
  // A stream that fails while it is being given up has nobody left to tell.
  iterator.return?.().catch(() => undefined);
}

function replyHead(
  reply: HttpReply,
  options: { framing: Field[]; keepAlive: boolean; head?: RequestHead },
): Uint8Array {
  const fields: Field[] = Object.entries(reply.headers ?? {});
  fields.push(...options.framing, ["date", httpDate()]);
  if (!options.keepAlive) fields.push(["connection", "close"]);
  else if (options.head?.version === "1.0") fields.push(["connection", "keep-alive"]);
  return encodeLatin1(responseHeadText({ status: reply.status, fields }));
}

/** The date of now, made once a second. */
function httpDate(): string {
  const now = Date.now();
  if (now >= date.until || now < date.until - DATE_VALID_MS) {
    date = { text: new Date(now).toUTCString(), until: now + DATE_VALID_MS };
  }
  return date.text;
}

function joined(head: Uint8Array, content: Uint8Array): Uint8Array {
  if (content.length === 0) return head;
  const both = new Uint8Array(head.length + content.length);
  both.set(head);
  both.set(content, head.length);
  return both;
}
