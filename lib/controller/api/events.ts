/**
 * `GET /v1/events`: what happened, as JSON or as an event stream. A stream asks the history for what came after the last
 * event that it gave, so that nothing is queued for a slow reader; one that falls too far behind is told what is gone.
 * @module
 */
import type { EventList, EventView } from "../../wire/api.ts";
import { EVENTS_MAX, type History } from "../history.ts";
import { badRequest, busy, json } from "./answer.ts";
import type { ApiContext, Call, Route } from "./context.ts";
import { covers, isScoped, type Principal } from "../people/principal.ts";
import { LIMIT, limitIn, wholeNumber } from "./query.ts";
import { watchStanding } from "./access/standing.ts";

const HEARTBEAT_MS = 15_000;
const BATCH = 100;
const EVENT_ID = wholeNumber({ of: "the id of the last event that was read, a whole number" });

export const eventRoutes: readonly Route[] = [
  { method: "GET", path: "/v1/events", scope: "own", query: { after: EVENT_ID, limit: LIMIT }, handle: getEvents },
];

function getEvents(call: Call): Response {
  const { api } = call.var;
  const asked = call.req.header("last-event-id") ?? call.req.query("after");
  if (asked !== undefined && !EVENT_ID.fits(asked)) return badRequest(`"Last-Event-ID" is ${EVENT_ID.rule}`);
  const after = asked === undefined ? undefined : Number(asked);
  if (call.req.header("accept")?.includes("text/event-stream")) return stream(call, after);
  return json(eventsFor(call.env.who, api.history, { after, limit: limitIn(call) }) satisfies EventList);
}

/** Whose token is for some services only reads of those; of the newest as many, if so many are kept. */
function eventsFor(
  who: Principal,
  history: History,
  { after, limit }: { after: number | undefined; limit: number },
): EventList {
  const list = history.since(after, { limit: isScoped(who) && after === undefined ? EVENTS_MAX : limit });
  return { ...list, events: list.events.filter((event) => isFor(who, event)).slice(-limit) };
}

function isFor(who: Principal, { service }: EventView): boolean {
  return !isScoped(who) || (service !== undefined && covers(who, service));
}

/** Without an id to begin after, a stream begins with what comes. */
function stream(call: Call, after: number | undefined): Response {
  const { env: { who }, var: { api } } = call;
  const seat = api.streams.take();
  if (seat === undefined) return busy("as many event streams are open as this controller serves", { retryAfterS: 5 });
  const standing = watchStanding(call);
  const { signal } = standing;
  const parts = streamParts(api, { after: after ?? api.history.since(undefined, { limit: 0 }).last, who, signal });
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

async function* streamParts(
  { history, clock }: ApiContext,
  { after, who, signal }: { after: number; who: Principal; signal: AbortSignal },
): AsyncGenerator<string, void> {
  // Something at once, so that the reader knows that it is connected.
  yield ": events follow\n\n";
  let seen = after;
  while (!signal.aborted) {
    const news = history.news();
    const { events, last, gone } = history.since(seen, { limit: BATCH });
    if (gone) yield `event: gone\ndata: ${JSON.stringify({ after: seen, oldest: events[0]?.id ?? null })}\n\n`;
    const text = events.filter((event) => isFor(who, event)).map(part).join("");
    if (text !== "") yield text;
    if (events.length > 0 || gone) {
      seen = last;
      continue;
    }
    const woken = await newsOrHeartbeat(news, { clock, signal });
    if (woken === "heartbeat") yield ": heartbeat\n\n";
  }
}

function part(event: EventView): string {
  return `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
}

async function newsOrHeartbeat(
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
