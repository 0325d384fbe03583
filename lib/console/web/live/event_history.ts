/**
 * The events that the page of events knows: those that it was told of since it is open, and before them those that were
 * fetched as somebody went back. The stream itself keeps but the last few hundred; here none goes missing between. Pure.
 * @module
 */
import type { EventView } from "../../../wire/api.ts";
import type { OlderPage } from "./older_events.ts";

export const HISTORY_MAX = 20_000;

export interface EventHistory {
  /** Oldest first. */
  events: readonly EventView[];
  /** The id that what is older comes before; undefined when nothing older is kept. */
  before: number | undefined;
}

/** What is known at first: the last events. Without any there is nothing older either. */
export function historyOf(last: readonly EventView[]): EventHistory {
  return { events: last, before: last[0]?.id };
}

/** With those of the last events that are new. */
export function withLast(history: EventHistory, last: readonly EventView[]): EventHistory {
  const known = history.events.at(-1)?.id;
  if (known === undefined) return historyOf(last);
  const news = last.filter(({ id }) => id > known);
  if (news.length === 0) return history;
  const events = [...history.events, ...news];
  return events.length > HISTORY_MAX ? historyOf(events.slice(-HISTORY_MAX)) : { ...history, events };
}

/** With a page of older ones. */
export function withOlder({ events }: EventHistory, page: OlderPage): EventHistory {
  return { events: [...page.events, ...events], before: page.before };
}
