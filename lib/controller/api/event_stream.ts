/**
 * Answers that are event streams: parts are made as fast as they are read, and a heartbeat keeps a silent connection
 * alive. Where such a stream ends is said in `open_stream.ts`.
 * @module
 */
import { EVENT_ID } from "../../wire/contract/query.ts";
import { badRequest } from "./answer.ts";
import type { ApiContext, Call } from "./context.ts";
import { openStream } from "./open_stream.ts";

const HEARTBEAT_MS = 15_000;
/** A comment, which readers pass over. */
export const HEARTBEAT = ": heartbeat\n\n";

/** The id of the last event that the caller knows: browsers that come back say it by a header. */
export function lastEventIn({ req }: Call): number | undefined | Response {
  const asked = req.header("last-event-id") ?? req.query("after");
  if (asked !== undefined && !EVENT_ID.fits(asked)) return badRequest(`"Last-Event-ID" is ${EVENT_ID.rule}`);
  return asked === undefined ? undefined : Number(asked);
}

/** The answer of which these are the parts; they are to end with the signal. */
export function eventStream(call: Call, partsFor: (signal: AbortSignal) => AsyncGenerator<string, void>): Response {
  const stream = openStream(call);
  if (stream instanceof Response) return stream;
  const body = stream.give(ReadableStream.from(encoded(partsFor(stream.signal))), { whenCut: "ends" });
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" };
  return new Response(body, { headers });
}

async function* encoded(parts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const part of parts) yield encoder.encode(part);
}

/** Waits for news, but no longer than a reader should go without a word. */
export async function newsOrHeartbeat(
  news: Promise<void>,
  { clock, signal }: { clock: ApiContext["clock"]; signal: AbortSignal },
): Promise<"news" | "heartbeat" | "end"> {
  const waiting = new AbortController();
  const heartbeat = clock.sleep(HEARTBEAT_MS, { signal: AbortSignal.any([signal, waiting.signal]) }).then(
    () => "heartbeat" as const,
    (error) => {
      if (signal.aborted || waiting.signal.aborted) return "end" as const;
      throw error;
    },
  );
  const woken = await Promise.race([news.then(() => "news" as const), heartbeat]);
  waiting.abort();
  await heartbeat;
  return woken;
}
