/**
 * Runs bytes through a reader and writes down what it says, with content joined: two ways of splitting the same bytes
 * must give the same transcript.
 * @module
 */

import type { Event, InterimHead, RequestHead, ResponseHead } from "../../../lib/wire/http1/event.ts";
import type { MessageReader } from "../../../lib/wire/http1/message_reader.ts";
import { decodeLatin1, encodeLatin1 } from "../../../lib/wire/http1/octets.ts";

type AnyHead = RequestHead | ResponseHead | InterimHead;
export type Line = Exclude<Event<AnyHead>, { kind: "data" }> | { kind: "data"; text: string };

/** More events than any of the tests' inputs can give: a machine that turns in circles fails instead of hanging. */
const EVENTS_MAX = 100_000;

/** Feeds `text` cut at the given offsets, then the connection's end (unless `end` says that it stays open). */
export function transcript<Head extends AnyHead>(
  reader: MessageReader<Head>,
  text: string,
  options: { cuts?: readonly number[]; end?: "closed" | "cut" | "open" } = {},
): Line[] {
  const { cuts = [], end = "open" } = options;
  const bytes = encodeLatin1(text);
  const offsets = [...new Set([...cuts, bytes.length])].filter((cut) => cut <= bytes.length).sort((a, b) => a - b);
  const lines: Line[] = [];
  const buffer = new Uint8Array(bytes.length);
  let from = 0;
  for (const to of offsets) {
    // One buffer for all pushes, as in a server: what the reader keeps, it must have copied.
    buffer.set(bytes.subarray(from, to));
    reader.push(buffer.subarray(0, to - from));
    drain(reader, lines);
    buffer.fill(0x2e);
    from = to;
  }
  if (end !== "open") {
    reader.finish(end);
    drain(reader, lines);
  }
  return lines;
}

/** The first refusal in a transcript as `status: detail`, or undefined. */
export function refusalIn(lines: readonly Line[]): string | undefined {
  const error = lines.find((line) => line.kind === "error");
  return error?.kind === "error" ? `${error.status}: ${error.detail}` : undefined;
}

/** All content of a transcript. */
export function contentIn(lines: readonly Line[]): string {
  return lines.map((line) => line.kind === "data" ? line.text : "").join("");
}

function drain<Head extends AnyHead>(reader: MessageReader<Head>, lines: Line[]): void {
  for (let count = 0; count < EVENTS_MAX; count++) {
    const event = reader.next();
    if (event === undefined) return;
    const last = lines.at(-1);
    if (event.kind !== "data") lines.push(event);
    else if (last?.kind === "data") last.text += decodeLatin1(event.bytes);
    else lines.push({ kind: "data", text: decodeLatin1(event.bytes) });
  }
  throw new Error("Cannot finish transcript: the reader gives events without end");
}
