/**
 * An event stream (`text/event-stream`, HTML living standard §9.2) as the controller writes it: each event has one line
 * of data. Comments, which keep the connection alive, are left out. Read by the client that follows events.
 * @module
 */
import { readLines } from "./ndjson.ts";

/** One event; `message` is the name of those that have none. */
export interface StreamEvent {
  name: string;
  data: string;
}

/** The events of a stream in their order. */
export async function* readEventStream(
  stream: ReadableStream<Uint8Array>,
  options: { lineBytesMax: number },
): AsyncGenerator<StreamEvent> {
  let name = "message";
  for await (const line of readLines(stream, options)) {
    const [, field, value = ""] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
    if (field === "event") name = value;
    if (field !== "data") continue;
    yield { name, data: value };
    name = "message";
  }
}
