import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { nothingTouched } from "../../../lib/cluster/touched.ts";
import { nodeView, replicaView, serviceView } from "../../../lib/controller/api/views.ts";
import { History } from "../../../lib/controller/history.ts";
import { ChangeTaker, VIEWS_MAX } from "../../../lib/controller/watch/change_taker.ts";
import type { Changes } from "../../../lib/controller/watch/message.ts";
import type { SnapshotSource } from "../../../lib/controller/watch/snapshot.ts";
import type { Wait } from "../../../lib/plan/action.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { assignment, service } from "../../support/builders.ts";
import { LittleCluster } from "../../support/little_cluster.ts";
import { foundedCluster, moves, play } from "../../support/random_events.ts";

/** A cluster that is watched. Its time stands still, so that nothing differs but by what happened. */
function watched(cluster: LittleCluster) {
  const { state } = cluster;
  const clock = { ...systemClock, now: () => 0, wall: () => 0 };
  const history = new History({ clock, epoch: 1 });
  let waits: readonly Wait[] = [];
  const source: SnapshotSource = {
    state,
    clock,
    history,
    waits: () => waits,
    leader: () => "http://127.0.0.1:8000",
    isStoreFull: () => false,
  };
  const taker = new ChangeTaker(source);
  state.touched = nothingTouched();
  return { source, taker, wait: (found: readonly Wait[]) => waits = found };
}

/** Everything, by kind and name. */
function everything(source: SnapshotSource): Map<string, unknown> {
  const { services, nodes, replicas } = source.state;
  return new Map([
    ...services.values().map((one) => [`service ${one.record.name}`, serviceView(source, one)] as const),
    ...nodes.values().map((one) => [`node ${one.record.id}`, nodeView(source, one)] as const),
    ...replicas.values().map((one) => [`replica ${one.record.id}`, replicaView(source, one)] as const),
  ].map(([key, view]) => [key, JSON.parse(JSON.stringify({ ...view, last_seen_s: null }))]));
}

/** What a reader knows after these changes. */
function take(known: Map<string, unknown>, { services, nodes, replicas, removed }: Changes): void {
  const told = [
    ...services.map((view) => [`service ${view.name}`, view] as const),
    ...nodes.map((view) => [`node ${view.id}`, view] as const),
    ...replicas.map((view) => [`replica ${view.id}`, view] as const),
  ];
  for (const [key, view] of told) known.set(key, JSON.parse(JSON.stringify({ ...view, last_seen_s: null })));
  for (const name of removed.services) known.delete(`service ${name}`);
  for (const id of removed.nodes) known.delete(`node ${id}`);
  for (const [id] of removed.replicas) known.delete(`replica ${id}`);
}

function byKey(known: Map<string, unknown>): [string, unknown][] {
  return [...known].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

Deno.test("take() tells whatever has changed, after every move of any life", () => {
  fc.assert(
    fc.property(moves, (life) => {
      const cluster = foundedCluster();
      const { source, taker, wait } = watched(cluster);
      const known = everything(source);
      for (const move of life) {
        play(cluster, move);
        wait(cluster.plan().waits);
        take(known, taker.take({ repeats: false }));
        assertEquals(byKey(known), byKey(everything(source)), `after ${move.kind}`);
        assertEquals(taker.hasNews(), false);
      }
    }),
    { numRuns: 200, seed: 1 },
  );
});

Deno.test("take() leaves out what looks as it did when it was told last, unless that is to be repeated", () => {
  const cluster = LittleCluster.of(1, service("web", 1));
  cluster.settle();
  const { taker } = watched(cluster);
  const [replica] = cluster.replicas("web");
  const again = () => cluster.observe(replica!.observed!, replica!.record.node);
  again();
  assertEquals(taker.take({ repeats: false }).replicas.length, 1, "it was never told");
  again();
  assertEquals(taker.take({ repeats: false }).replicas.length, 0);
  again();
  assertEquals(taker.take({ repeats: true }).replicas.length, 1);
});

Deno.test("take() bounds a message and leaves the rest for the next ones", () => {
  const count = VIEWS_MAX + 10;
  const cluster = LittleCluster.of(1, service("web", count));
  const { taker } = watched(cluster);
  cluster.put(...Array.from({ length: count }, (_, slot) => assignment(slot + 1, { slot })));
  const first = taker.take({ repeats: false });
  assertEquals(first.services.length + first.nodes.length + first.replicas.length, VIEWS_MAX);
  assertEquals(taker.hasNews(), true);
  assertEquals(taker.take({ repeats: false }).replicas.length, count - first.replicas.length);
  assertEquals(taker.hasNews(), false);
});
