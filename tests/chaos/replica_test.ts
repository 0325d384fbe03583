/**
 * Replicas and whole agents that end while clients are being answered. Rows 2, 7, 8 and 29, with a real controller.
 * @module
 */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { replicaPids, until } from "../../scripts/local_program.ts";
import { replicasIn, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { assertWithin, tell } from "./measured.ts";
import { startSteadyClient } from "./steady_client.ts";

const LAST_WORDS = "these are last words";

const ignore = !granted || Deno.build.os !== "linux";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `chaos ${name}`, ignore, fn });
}

test("7: a killed replica is ready again in place, and no request fails", async () => {
  await using cluster = await startCluster({ agents: 2 });
  await cluster.scale(1);
  const startMs = await timeOf(() => cluster.ready(1));
  await cluster.scale(3);
  const before = await cluster.ready(3);
  await using client = startSteadyClient(cluster.controller.url);
  await client.more(20);
  for (const victim of before) {
    Deno.kill(victim.pid!, "SIGKILL");
    const tookMs = await timeOf(() =>
      cluster.until({
        what: "the replica to be ready again",
        check: (status) =>
          replicasIn(status).some(({ id, ready, restarts }) => id === victim.id && ready && restarts === 1),
      })
    );
    assertWithin(`7 ready again, of that its own start ${Math.round(startMs)} ms`, { tookMs, boundMs: 300 + startMs });
  }
  const after = await cluster.ready(3);
  assertEquals(after.map(({ id, node }) => [id, node]), before.map(({ id, node }) => [id, node]), "in place");
  const { failures, requests, slowestMs } = await client.stop();
  assertEquals(failures, []);
  tell(`7: 0 of ${requests} failed, the slowest took ${Math.round(slowestMs)} ms`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`8: an agent that is asked to end by ${signal} has its replicas moved first, and no request fails`, async () => {
    await using cluster = await startCluster({ agents: 3 });
    await cluster.scale(1);
    const startMs = await timeOf(() => cluster.ready(1));
    await cluster.scale(3);
    const before = await cluster.ready(3);
    await using client = startSteadyClient(cluster.controller.url);
    await client.more(20);
    const [leaving] = cluster.agents;
    const { id } = (await cluster.status()).nodes.find(({ url }) => url === leaving!.url)!;
    const wereThere = before.filter(({ node }) => node === id).length;
    assert(wereThere > 0, "the agent has replicas");
    leaving!.kill(signal);
    const tookMs = await timeOf(() =>
      cluster.until({
        what: "all to be ready elsewhere",
        check: (status) => replicasIn(status).filter(({ node, ready }) => node !== id && ready).length === 3,
      })
    );
    assertWithin(`8 ${signal}: elsewhere, of that start ${Math.round(startMs)} ms`, {
      tookMs,
      boundMs: 1_000 + startMs,
    });
    assertEquals((await leaving!.ended).code, 0);
    await client.more(20);
    assertEquals(await replicaPids(leaving!.data), []);
    const after = await cluster.ready(3);
    for (const kept of before.filter(({ node }) => node !== id)) {
      assertEquals(after.find((replica) => replica.id === kept.id)?.pid, kept.pid, "the others were left alone");
    }
    const { failures, requests, slowestMs } = await client.stop();
    assertEquals(failures, []);
    tell(`8 ${signal}: 0 of ${requests} failed, the slowest took ${Math.round(slowestMs)} ms`);
  });
}

test("2: a scale-down while an agent is away leaves no orphan once it is back", async () => {
  await using cluster = await startCluster({ agents: 1 });
  await cluster.scale(4);
  const before = await cluster.ready(4);
  cluster.agents[0]!.kill("SIGKILL");
  await cluster.agents[0]!.ended;
  await cluster.scale(1);
  assertEquals((await replicaPids(cluster.agents[0]!.data)).length, 4, "all run on without the agent");
  const agent = await cluster.restartAgent(0);
  const [left] = await cluster.ready(1);
  await until(async () => (await replicaPids(agent.data)).length === 1, { what: "no orphans" });
  assertEquals(await replicaPids(agent.data), [left!.pid]);
  assertEquals(before.find(({ id }) => id === left!.id)?.pid, left!.pid);
});

test("29: a crash loop is restarted at once, then ever later, then moved, and its last words are kept", async () => {
  await using cluster = await startCluster({ agents: 2 });
  const folder = cluster.agents[0]!.data;
  const script = `date +%s%3N >>${folder}/starts; echo "${LAST_WORDS}" >&2; exit 3`;
  await cluster.putService("looping", {
    command: ["/bin/sh", "-c", script],
    restart: { backoff: "200ms", backoff_max: "800ms", attempts: 4, window: "5m" },
    replicas: 1,
  });
  const first = await cluster.until({
    what: "the replica to be placed",
    check: (status) => replicasIn(status, "looping")[0],
  });
  const logsOf = async (url: string) => await (await fetch(url)).text();
  await until(async () => (await logsOf(`${cluster.controller.url}/v1/services/looping/logs`)).includes(LAST_WORDS), {
    what: "the last words in the service's logs",
  });
  const moved = await cluster.until({
    what: "the replica to be moved",
    check: (status) => replicasIn(status, "looping").find(({ node }) => node !== first.node),
  });
  assertMatch(moved.reason, /crash|exited/);
  const starts = (await Deno.readTextFile(`${folder}/starts`)).trim().split("\n").map(Number);
  const pauses = starts.slice(1).map((at, index) => at - starts[index]!);
  // At once, then 200, 400 and 800 ms: a pause is never shorter than its back-off.
  assert(pauses[0]! < 200 * 3, `the first restart came after ${pauses[0]} ms`);
  for (const [index, backoffMs] of [200, 400, 800].entries()) {
    assert((pauses[index + 1] ?? Infinity) >= backoffMs - 20, `pauses of ${pauses} ms`);
  }
  assert(starts.length >= 5 && starts.length <= 12, `${starts.length} starts`);
  tell(`29: ${starts.length} starts until it was moved, pauses ${pauses.join(", ")} ms`);
  assertNotEquals(moved.id, first.id);
  const events = await cluster.events();
  assert(events.some((event) => event.includes("exited with code 3")), events.join("\n"));
  const formerNode = (await cluster.status()).nodes.find(({ id }) => id === first.node)!;
  assertMatch(await logsOf(`${formerNode.url}/v1/replicas/${first.id}/logs`), new RegExp(LAST_WORDS));
});

async function timeOf(act: () => Promise<unknown>): Promise<number> {
  const sinceMs = performance.now();
  await act();
  return performance.now() - sinceMs;
}
