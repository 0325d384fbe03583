/**
 * A node that is drained without room for its replicas elsewhere. Row 28.
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { NodeView } from "../../lib/wire/api.ts";
import { type Cluster, replicasIn, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { tell } from "./measured.ts";

const DEADLINE_MS = 4_000;

Deno.test({
  name: "chaos 28: a drain without room elsewhere says so, keeps its deadline, and loses nothing",
  ignore: !granted || Deno.build.os !== "linux",
  fn: async () => {
    await using cluster = await startCluster({ agents: 2 });
    await cluster.putService("web", { command: ["sleep", "600"], replicas: 2, placement: { max_per_node: 1 } });
    await cluster.putService("db", { command: ["sleep", "601"], replicas: 2, data: { per_slot: true } });
    const before = [...await cluster.ready(2, { service: "web" }), ...await cluster.ready(2, { service: "db" })];
    const node = (await cluster.status()).nodes.find(({ url }) => url === cluster.agents[0]!.url)!.id;
    const staying = before.filter((replica) => replica.node !== node).map(({ pid }) => pid);

    const sinceMs = performance.now();
    const { status, body } = await cluster.post(`/v1/nodes/${node}/drain`, { deadline: `${DEADLINE_MS}ms` });
    assertEquals(status, 202, body);
    const waiting = await untilDrain(cluster, node, ({ drain }) => drain?.waiting.length === 2);
    assertMatch(waiting.drain!.waiting.join("\n"), /web\.\d waits: .*no node has room: .*which is max_per_node/);
    assertMatch(waiting.drain!.waiting.join("\n"), /db\.\d waits: .*its data is there: it runs on until the deadline/);
    assertEquals(waiting.drain?.remaining, 2);

    await untilDrain(cluster, node, ({ drain }) => drain?.remaining === 0 && drain.overdue);
    const tookMs = performance.now() - sinceMs;
    assert(tookMs >= DEADLINE_MS, `nothing is stopped before the deadline: ${tookMs} ms`);
    tell(`28: empty ${Math.round(tookMs)} ms after a drain with a deadline of ${DEADLINE_MS} ms`);
    const left = await cluster.status();
    const pids = [...replicasIn(left, "web"), ...replicasIn(left, "db")].map(({ pid }) => pid);
    assertEquals(pids.toSorted(), staying.toSorted(), "what runs elsewhere is left alone");
    const { waiting: reasons } = await cluster.service("web");
    assertMatch(reasons.join("\n"), /no node has room: .*it is being drained/);

    assertEquals((await cluster.post(`/v1/nodes/${node}/activate`, undefined)).status, 202);
    const after = [...await cluster.ready(2, { service: "web" }), ...await cluster.ready(2, { service: "db" })];
    const places = (replicas: typeof after) => replicas.map((one) => `${one.slot} ${one.node}`).toSorted();
    assertEquals(places(after), places(before));
    assertEquals(after.filter(({ pid }) => staying.includes(pid)).length, 2, "what ran elsewhere runs on");
    const told = (await cluster.events()).map((text) => text.split(":")[0]).filter((kind) => kind?.startsWith("node_"));
    assertEquals(told.slice(-4), ["node_draining", "node_drain_deadline", "node_drained", "node_activated"]);
  },
});

/** Waits until the node's view is as wanted, and gives it. */
async function untilDrain(cluster: Cluster, node: string, check: (view: NodeView) => boolean): Promise<NodeView> {
  let seen: NodeView | undefined;
  return await until(async () => {
    seen = NodeView.parse(await (await fetch(`${cluster.controller.url}/v1/nodes/${node}`)).json());
    return check(seen) && seen;
  }, { what: () => `the drain; last seen: ${JSON.stringify(seen)}; the log:\n${cluster.controller.log()}` });
}
