/**
 * `GET /v1/events`: what happened, as JSON or as an event stream. A stream asks the history for what came after the last
 * event that it gave, so that nothing is queued for a slow reader; one that falls too far behind is told what is gone.
 * @module
 */
import type { EventList, EventView } from "../../wire/api.ts";
import { EVENTS_MAX, type History } from "../history.ts";
import { json } from "./answer.ts";
import type { ApiContext, Call, Route } from "./context.ts";
import { covers, isScoped, type Principal } from "../people/principal.ts";
import { eventStream, HEARTBEAT, lastEventIn, newsOrHeartbeat } from "./event_stream.ts";
import { limitIn } from "./query.ts";
import { route } from "./route.ts";

const BATCH = 100;

export const eventRoutes: readonly Route[] = [route("listEvents", { scope: "own", handle: getEvents })];

function getEvents(call: Call): Response {
  const { env: { who }, var: { api } } = call;
  const after = lastEventIn(call);
  if (after instanceof Response) return after;
  if (!call.req.header("accept")?.includes("text/event-stream")) {
    return json(eventsFor(who, api.history, { after, limit: limitIn(call) }) satisfies EventList);
  }
  // Without an id to begin after, a stream begins with what comes.
  return eventStream(call, (signal) => streamParts(api, { after: after ?? api.history.last, who, signal }));
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
    if (woken === "heartbeat") yield HEARTBEAT;
  }
}

function part(event: EventView): string {
  return `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
}
