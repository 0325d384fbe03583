/**
 * Answers that are event streams: parts are written as fast as they are read, a heartbeat keeps a silent connection alive,
 * and the stream ends with the controller or with the credential that it was asked for with.
 * @module
 */
import { EVENT_ID } from "../../wire/contract/query.ts";
import { watchStanding } from "./access/standing.ts";
import { badRequest, busy } from "./answer.ts";
import type { ApiContext, Call } from "./context.ts";

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
  const seat = call.var.api.streams.take();
  if (seat === undefined) return busy("as many event streams are open as this controller serves", { retryAfterS: 5 });
  const standing = watchStanding(call);
  const parts = partsFor(standing.signal);
  const encoder = new TextEncoder();
  const end = async () => {
    standing[Symbol.dispose]();
    seat[Symbol.dispose]();
    await parts.return();
  };
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (!done) return controller.enqueue(encoder.encode(value));
      await end();
      controller.close();
    },
    cancel: end,
  });
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" };
  return new Response(body, { headers });
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
