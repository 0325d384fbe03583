import { assertEquals } from "@std/assert";
import { HISTORY_MAX, historyOf, withLast, withOlder } from "../../../../lib/console/web/live/event_history.ts";
import type { EventView } from "../../../../lib/wire/api.ts";
import { eventView } from "../../../support/views.ts";

function eventsFrom(first: number, count: number): EventView[] {
  return Array.from({ length: count }, (_, nth) => eventView(first + nth));
}

function idsOf({ events }: { events: readonly EventView[] }): number[] {
  return events.map(({ id }) => id);
}

Deno.test("withLast() keeps what the last events have left behind, so that older ones join on", () => {
  const known = withOlder(historyOf(eventsFrom(10, 3)), { events: eventsFrom(5, 5), before: 5 });
  const later = withLast(known, eventsFrom(12, 3));
  assertEquals(idsOf(later), [5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  assertEquals(later.before, 5);
});

Deno.test("withLast() begins with the first events there are", () => {
  assertEquals(historyOf([]).before, undefined);
  assertEquals(withLast(historyOf([]), eventsFrom(7, 2)).before, 7);
});

Deno.test("withLast() without anything new is the same history, which nothing is drawn anew for", () => {
  const known = historyOf(eventsFrom(1, 3));
  assertEquals(withLast(known, eventsFrom(2, 2)) === known, true);
});

Deno.test("withLast() lets the oldest go at its bound, and they can be fetched again", () => {
  const ended = withOlder(historyOf(eventsFrom(2, HISTORY_MAX - 1)), { events: eventsFrom(1, 1), before: undefined });
  const later = withLast(ended, eventsFrom(HISTORY_MAX, 3));
  assertEquals([later.events.length, later.before, later.events[0]?.id], [HISTORY_MAX, 3, 3]);
});
