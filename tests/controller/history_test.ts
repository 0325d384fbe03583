import { assertEquals } from "@std/assert";
import { EVENT_AGE_MAX_MS, EVENTS_MAX, History } from "../../lib/controller/history.ts";
import { systemClock } from "../../lib/runtime/clock.ts";

function historyOf(count: number, { epoch = 2, clock = systemClock } = {}): History {
  const history = new History({ clock, epoch });
  for (let n = 1; n <= count; n++) history.add({ kind: "k", severity: "info", text: String(n) });
  return history;
}

function texts(history: History, after: number | undefined, limit = 100): string[] {
  return history.since(after, { limit }).events.map(({ text }) => text);
}

Deno.test("since() gives what came first after an id, without one the newest, oldest first", () => {
  const history = historyOf(5);
  assertEquals(texts(history, undefined, 2), ["4", "5"]);
  const { events } = history.since(0, { limit: 2 });
  assertEquals(events.map(({ text }) => text), ["1", "2"]);
  assertEquals(texts(history, events[1]?.id), ["3", "4", "5"]);
  assertEquals(history.since(history.since(undefined, { limit: 100 }).last, { limit: 1 }), {
    events: [],
    last: events[0]!.id + 4,
    gone: false,
  });
});

Deno.test("the ids of a later epoch are larger, and ids of a former one are gone", () => {
  const former = historyOf(5, { epoch: 1 }).since(undefined, { limit: 9 });
  const history = historyOf(1, { epoch: 2 });
  const since = history.since(former.last, { limit: 9 });
  assertEquals([since.gone, since.events.length], [true, 1]);
  assertEquals(since.events[0]!.id > former.last, true);
  assertEquals(history.since(0, { limit: 9 }).gone, false, "who has seen nothing misses nothing");
  assertEquals(history.since(since.last + 100, { limit: 9 }).gone, true, "an id that never was");
});

Deno.test("no more events are kept than allowed, and who asks for earlier ones is told", () => {
  const history = historyOf(3);
  const { last } = history.since(undefined, { limit: 100 });
  for (let n = 0; n < 2 * EVENTS_MAX + 7; n++) history.add({ kind: "k", severity: "info", text: "x" });
  assertEquals(history.size, EVENTS_MAX);
  assertEquals(history.since(last, { limit: 1 }).gone, true);
  assertEquals(texts(history, undefined, EVENTS_MAX + 1).length, EVENTS_MAX);
});

Deno.test("events of yesterday go with the first of today", () => {
  let wallMs = 0;
  const history = historyOf(3, { clock: { ...systemClock, wall: () => wallMs } });
  wallMs = 25 * 3_600_000;
  history.add({ kind: "k", severity: "info", text: "today" });
  assertEquals(texts(history, undefined), ["today"]);
});

Deno.test("events that grow too old are gone for who asks, also while nothing happens", () => {
  let wallMs = 0;
  const history = historyOf(3, { clock: { ...systemClock, wall: () => wallMs } });
  const { last } = history;
  wallMs = EVENT_AGE_MAX_MS;
  assertEquals([texts(history, undefined).length, history.since(last - 1, { limit: 9 }).gone], [3, false]);
  wallMs += 1;
  assertEquals([texts(history, undefined), history.latest(() => true, 9)], [[], []]);
  assertEquals([history.since(last - 1, { limit: 9 }).gone, history.since(last, { limit: 9 }).gone], [true, false]);
});
