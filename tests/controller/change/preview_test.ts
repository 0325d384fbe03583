import { assert, assertEquals, assertGreater } from "@std/assert";
import { copyState } from "../../../lib/cluster/copy_state.ts";
import { nameOf } from "../../../lib/cluster/replica.ts";
import type { ServiceSpec } from "../../../lib/cluster/service.ts";
import { release } from "../../../lib/controller/change/release.ts";
import { preview } from "../../../lib/controller/change/preview.ts";
import type { Action } from "../../../lib/plan/action.ts";
import { service, specNamed } from "../../support/builders.ts";
import { LittleCluster } from "../../support/little_cluster.ts";

const WALL = "2030-01-01T00:00:00.000Z";
const turn = () => Promise.resolve();

function changesFor(cluster: LittleCluster, spec: ServiceSpec) {
  return release(cluster.state, spec, { at: WALL, by: "ada", cause: "release" }).changes;
}

/** What a preview says of an action, of one that was really decided. */
function line(cluster: LittleCluster, action: Action): string[] {
  const { replicas, services } = cluster.state;
  if (action.kind === "start") {
    return [`start ${nameOf(action)} at ${action.node}: ${action.generation}, ${action.reason}`];
  }
  if (action.kind === "stop" || action.kind === "forget") {
    const record = replicas.get(action.replica)?.record;
    return record === undefined
      ? []
      : [`${action.kind} ${nameOf(record)} at ${record.node}: ${record.generation}, ${action.reason}`];
  }
  if (!("service" in action)) return [];
  const generation = services.get(action.service)?.record.generation;
  return [`${action.kind} ${action.service}.null at null: ${generation}, ${action.reason}`];
}

/** Plans a spec, then applies it to the same cluster, and compares the actions one by one. */
async function sameAsPlanned(cluster: LittleCluster, spec: ServiceSpec): Promise<string[]> {
  const changes = changesFor(cluster, spec);
  const before = copyState(cluster.state);
  const planned = await preview(cluster.state, changes, { nowMs: cluster.nowMs, wall: WALL, turn });
  assertEquals(cluster.state, before, "a preview changes nothing");
  const said = planned.actions.map(({ kind, service, slot, node, generation, reason }) =>
    `${kind} ${service}.${slot} at ${node}: ${generation}, ${reason}`
  );
  const done: string[] = [];
  cluster.commit(changes);
  const untilMs = cluster.nowMs + 3_600_000;
  while (true) {
    cluster.obey();
    const { actions, wakeMs } = cluster.plan();
    done.push(...actions.flatMap((action) => line(cluster, action)));
    if (cluster.step() > 0) continue;
    if (wakeMs === undefined || wakeMs > untilMs) break;
    cluster.nowMs = wakeMs;
  }
  assertEquals(said, done);
  assert(said.length > 0);
  return said;
}

Deno.test("preview() says of a new service, a scale and an update what then happens", async () => {
  const cluster = LittleCluster.of(3, service("other", 2));
  cluster.settleInTime();
  await sameAsPlanned(cluster, specNamed("web", { replicas: 5 }));
  await sameAsPlanned(cluster, specNamed("web", { replicas: 7 }));
  await sameAsPlanned(cluster, specNamed("web", { replicas: 2 }));
  const update = await sameAsPlanned(cluster, specNamed("web", { replicas: 3, env: { A: "1" } }));
  assertEquals(update.filter((said) => said.startsWith("finish_rollout")).length, 1);
});

Deno.test("preview() says of every way to update what then happens", async () => {
  const ways = [
    { max_surge: 2, max_unavailable: 1 },
    { max_surge: 0, max_unavailable: "50%" },
    { strategy: "blue_green" as const, auto_promote: true },
    { canary: 1, auto_promote: true },
  ];
  const cluster = LittleCluster.of(4, service("web", 4));
  cluster.settleInTime();
  for (const [at, update] of ways.entries()) {
    await sameAsPlanned(cluster, specNamed("web", { replicas: 4, env: { AT: String(at) }, update }));
  }
});

Deno.test("preview() ends where somebody has to decide, and says what is waited for", async () => {
  const cluster = LittleCluster.of(2, service("web", 2));
  cluster.settleInTime();
  const spec = specNamed("web", { replicas: 2, env: { A: "1" }, update: { canary: 1 } });
  const { actions, waits, left, cutShort } = await preview(cluster.state, changesFor(cluster, spec), {
    nowMs: cluster.nowMs,
    wall: WALL,
    turn,
  });
  assertEquals([actions.map(({ kind }) => kind), [...left]], [["start"], ["web"]]);
  assertEquals(cutShort, null, "nothing more would happen by itself");
  assert(waits.some(({ reason }) => reason.includes("promote it, or roll back")));
});

Deno.test("preview() of what fits nowhere leaves it waiting and says why", async () => {
  const cluster = LittleCluster.of(2);
  const spec = specNamed("web", { replicas: 3, placement: { max_per_node: 1 } });
  const played = await preview(cluster.state, changesFor(cluster, spec), { nowMs: 0, wall: WALL, turn });
  assertEquals([played.actions.length, played.waits.length, [...played.left]], [2, 1, ["web"]]);
});

Deno.test("preview() without anything to change says nothing of a cluster that is at rest", async () => {
  const cluster = LittleCluster.of(2, service("web", 3));
  cluster.settleInTime();
  assertEquals(await preview(cluster.state, [], { nowMs: cluster.nowMs, wall: WALL, turn }), {
    actions: [],
    waits: [],
    left: new Set<string>(),
    cutShort: null,
  });
});

Deno.test("preview() gives others a turn between its decisions, and what happens then is none of its own", async () => {
  const cluster = LittleCluster.of(2, service("web", 4));
  cluster.settleInTime();
  const changes = changesFor(cluster, specNamed("web", { replicas: 4, env: { A: "1" } }));
  const alone = await preview(cluster.state, changes, { nowMs: cluster.nowMs, wall: WALL, turn });
  let turns = 0;
  const disturb = () => {
    turns += 1;
    if (turns === 2) cluster.put(service("other", 5));
    return Promise.resolve();
  };
  const disturbed = await preview(cluster.state, changes, { nowMs: cluster.nowMs, wall: WALL, turn: disturb });
  assertGreater(turns, disturbed.actions.length / 4);
  assertEquals(disturbed, alone);
});

Deno.test("preview() that is cut short says so, and tells of no waits whose turn may come", async () => {
  const cluster = LittleCluster.of(4, service("web", 5));
  cluster.settleInTime();
  const slow = { replicas: 5, env: { A: "1" }, update: { min_healthy: "40m", deadline: "3h" } };
  const played = await preview(cluster.state, changesFor(cluster, specNamed("web", slow)), {
    nowMs: cluster.nowMs,
    wall: WALL,
    turn,
  });
  assertEquals([played.cutShort, played.waits, [...played.left]], ["only the first 2 hours are played", [], ["web"]]);
});
