/**
 * A third agent joins a cluster of two under load: it gets its share of what runs, replica by replica, and no request
 * fails meanwhile. What the dry run tells is what the operator's word then brings about.
 * @module
 */
import { assertEquals } from "@std/assert";
import { startSteadyClient } from "../chaos/steady_client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { Rebalance } from "../../lib/wire/rebalance.ts";

const REQUESTS = 200;

Deno.test({
  name: "a node that joins gets its share under load: 0 failed requests",
  ignore: !granted,
  fn: async () => {
    await using cluster = await startCluster({ agents: 2, controller: { args: ["--rebalance-after", "1s"] } });
    await cluster.scale(6);
    await cluster.ready(6);
    await using client = startSteadyClient(cluster.controller.url);
    await client.more(REQUESTS);
    await cluster.join();
    assertEquals(await untilSpread(cluster, 3), [2, 2, 2]);
    await cluster.ready(6);
    await client.more(REQUESTS);
    const { failures } = await client.stop();
    assertEquals(failures, []);
    const moves = (await cluster.events()).filter((event) => event.includes("evens out"));
    assertEquals(moves.length, 2, moves.join("\n"));
  },
});

Deno.test({
  name: "POST /v1/rebalance tells the moves, and makes them although --rebalance-after is off",
  ignore: !granted,
  fn: async () => {
    const controller = { args: ["--rebalance-after", "off"] };
    await using cluster = await startCluster({ agents: 1, controller });
    await cluster.scale(4);
    await cluster.ready(4);
    await cluster.join();
    await cluster.until({
      what: "the new node to be ready",
      check: ({ nodes }) => nodes.length === 2 && nodes.every(({ status }) => status === "ready"),
    });
    const rebalance = async (query = "") => {
      const { status, body } = await cluster.post(`/v1/rebalance${query}`, {});
      return { status, ...Rebalance.parse(JSON.parse(body)) };
    };
    const told = await rebalance("?dry_run=true");
    assertEquals([told.status, told.moves.map(({ service, gain }) => [service, gain])], [200, [
      ["payload", 3],
      ["payload", 1],
    ]]);
    assertEquals((await rebalance()).status, 202);
    assertEquals(await untilSpread(cluster, 2), [2, 2]);
    assertEquals((await rebalance("?dry_run=true")).moves, []);
  },
});

/** Waits until all replicas are ready and each node carries the same number of them; returns the numbers. */
function untilSpread(cluster: Cluster, nodes: number): Promise<number[]> {
  return cluster.until({
    what: "each node to have its share",
    withinMs: 90_000,
    check: ({ services }) => {
      const replicas = services.flatMap((service) => service.replicas);
      const counts = [...Map.groupBy(replicas, ({ node }) => node).values()].map(({ length }) => length);
      const isDone = counts.length === nodes && new Set(counts).size === 1 && replicas.every(({ ready }) => ready);
      return isDone && counts;
    },
  });
}
