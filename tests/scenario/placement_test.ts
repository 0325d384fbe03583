/**
 * Where replicas go on real hosts' agents: by labels, beside and away from each other, within what hosts have, and in the
 * place of what is less important; and that the cluster says why.
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ExplainView } from "../../lib/wire/explain.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const scenario = { ignore: !granted || Deno.build.os === "windows" };
const SLEEP = { command: ["sleep", "600"], stop: { timeout: "1s" } };

/** Agents n1, n2 and so on, each in the zone that is said, and with so much memory. */
function hosts(zones: readonly string[], memory = 1_000): Promise<Cluster> {
  const agents = zones.map((zone, at) => ({
    args: ["--name", `n${at + 1}`, "--label", `zone=${zone}`, "--memory", String(memory), "--cpu", "4"],
  }));
  return startCluster({ agents });
}

/** How many replicas of a service each node has, by the nodes' names. */
async function spreadOf(cluster: Cluster, name: string): Promise<Record<string, number>> {
  const { services, nodes } = await cluster.status();
  const counts: Record<string, number> = {};
  for (const { node } of services.find((service) => service.name === name)?.replicas ?? []) {
    const host = nodes.find(({ id }) => id === node)!.name;
    counts[host] = (counts[host] ?? 0) + 1;
  }
  return counts;
}

async function explained(cluster: Cluster, name: string) {
  const response = await fetch(`${cluster.controller.url}/v1/explain/${name}`);
  return ExplainView.parse(await response.json());
}

Deno.test(
  "constraints, affinity and max_per_node decide where replicas run, and each node's reason is told",
  scenario,
  async () => {
    await using cluster = await hosts(["a", "a", "b"]);
    await cluster.putService("db", { ...SLEEP, placement: { constraints: ["zone == b"] } });
    await cluster.ready(1, { service: "db" });
    await cluster.putService("web", {
      ...SLEEP,
      replicas: 2,
      placement: { constraints: ["service != db"], max_per_node: 1 },
    });
    await cluster.ready(2, { service: "web" });
    await cluster.putService("cache", { ...SLEEP, placement: { affinity: ["service == db"] } });
    await cluster.ready(1, { service: "cache" });
    assertEquals(await spreadOf(cluster, "db"), { n3: 1 });
    assertEquals(await spreadOf(cluster, "web"), { n1: 1, n2: 1 });
    assertEquals(await spreadOf(cluster, "cache"), { n3: 1 });

    await cluster.scale(3, "web");
    const view = await cluster.untilService("web", {
      what: "the third to wait",
      check: ({ waiting }) => waiting.length > 0,
    });
    assertEquals(view.ready, 2);
    const { nodes = [] } = await explained(cluster, "web");
    const reasons = Object.fromEntries(nodes.map(({ node, reason }) => [node, reason]));
    assertEquals(Object.keys(reasons).sort(), ["n1", "n2", "n3"]);
    assertMatch(reasons.n1!, /max_per_node/);
    assertMatch(reasons.n3!, /db/);
  },
);

Deno.test("replicas are spread over zones first, and packed where that is asked for", scenario, async () => {
  await using cluster = await hosts(["a", "a", "a", "b"]);
  await cluster.putService("web", { ...SLEEP, replicas: 4, placement: { spread_by: "zone" } });
  await cluster.ready(4, { service: "web" });
  const { n4 = 0 } = await spreadOf(cluster, "web");
  assertEquals(n4, 2, "half of them are in the zone of one node");

  await cluster.putService("batch", {
    ...SLEEP,
    replicas: 3,
    resources: { memory: 100 },
    placement: { strategy: "binpack" },
  });
  await cluster.ready(3, { service: "batch" });
  assertEquals(Object.values(await spreadOf(cluster, "batch")), [3]);
});

Deno.test(
  "what is more important takes the place of what is less so, which waits and comes back",
  scenario,
  async () => {
    await using cluster = await hosts(["a", "b"], 500);
    await cluster.putService("filler", { ...SLEEP, replicas: 4, priority: 20, resources: { memory: 200 } });
    await cluster.ready(4, { service: "filler" });
    await cluster.putService("vital", { ...SLEEP, replicas: 1, priority: 90, resources: { memory: 400 } });
    await cluster.ready(1, { service: "vital" });
    const filler = await cluster.untilService("filler", {
      what: "two of the four to have made room",
      check: ({ ready, assigned }) => ready === 2 && assigned === 2,
    });
    assert(filler.waiting.length > 0);
    assert((await cluster.events()).some((text) => /replica_stopping: filler.*makes room for vital/.test(text)));

    await cluster.scale(0, "vital");
    await cluster.ready(4, { service: "filler" });
  },
);
