/**
 * The cluster as the dashboard has it, message after message.
 * @module
 */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { clockAheadMs, EMPTY_VIEW, EVENTS_MAX, lastEventOf, received } from "../../../../lib/console/web/live/view.ts";
import { wallAt } from "../../../support/builders.ts";
import { changes, eventView, nodeView, replicaView, serviceView, snapshot } from "../../../support/views.ts";

const first = received(
  EMPTY_VIEW,
  snapshot({
    services: [serviceView("web")],
    nodes: [nodeView(1)],
    replicas: [replicaView(1), replicaView(2)],
    events: [eventView(1), eventView(2)],
  }),
);

Deno.test("received() takes a snapshot as it is", () => {
  assertEquals([...first.services.keys()], ["web"]);
  assertEquals(first.replicas.size, 2);
  assertEquals(lastEventOf(first), 2);
  assertEquals(lastEventOf(EMPTY_VIEW), undefined);
});

Deno.test("received() leaves what a change doesn't speak of the very same object", () => {
  const changed = replicaView(2, { ready: false });
  const second = received(first, changes({ replicas: [changed] }));
  assertStrictEquals(second.services, first.services);
  assertStrictEquals(second.nodes, first.nodes);
  assertStrictEquals(second.cluster, first.cluster);
  assertStrictEquals(second.events, first.events);
  assertStrictEquals(second.replicas.get(changed.id), changed);
  assertStrictEquals(second.replicas.get(replicaView(1).id), first.replicas.get(replicaView(1).id));
  assertEquals(first.replicas.get(changed.id)?.ready, true);
});

Deno.test("received() takes away what is gone, and what a new snapshot doesn't have", () => {
  const { id } = replicaView(1);
  const second = received(first, changes({ removed: { services: ["web"], nodes: [], replicas: [id] } }));
  assertEquals([second.services.size, second.replicas.size, second.nodes.size], [0, 1, 1]);
  assertEquals(received(first, snapshot()).replicas.size, 0);
});

Deno.test("received() joins events, each once, and keeps so many", () => {
  const again = received(first, snapshot({ events: [eventView(2), eventView(3)], gone: true }));
  assertEquals(again.events.map(({ id }) => id), [1, 2, 3]);
  assertEquals(again.gone, true);
  const many = Array.from({ length: EVENTS_MAX + 5 }, (_, at) => eventView(at + 10));
  const full = received(first, changes({ events: many }));
  assertEquals([full.events.length, full.events[0]?.id], [EVENTS_MAX, 15]);
});

Deno.test("clockAheadMs() is what replicas that run say, and 0 for what a message takes", () => {
  const local = Date.parse(wallAt(0));
  const replicas = [replicaView(1, { uptime_s: null }), replicaView(2, { uptime_s: 10 })];
  assertEquals(clockAheadMs(replicas, local + 10_000 - 60_000), 60_000);
  assertEquals(clockAheadMs(replicas, local + 10_300), 0);
  assertEquals(clockAheadMs([], local), 0);
});
