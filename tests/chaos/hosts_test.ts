/**
 * Hosts that freeze, connections that half of the world holds for open, and networks that lose packets. Rows 12, 36 and
 * 39, on hosts in network namespaces. MUSTER_CHAOS_LONG=1 plays them for minutes.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { deadline, delay } from "@std/async";
import { type LocalProgram, replicaPids, until } from "../../scripts/local_program.ts";
import { AgentHealth } from "../../lib/wire/protocol.ts";
import { type Answer, orderOf, putOrders } from "../agent/agent_process.ts";
import { type Cluster, identities, replicasIn, startCluster } from "../support/cluster.ts";
import { canMakeNetLab, type NetHost, type NetLab, openNetLab } from "../support/netns.ts";
import { assertWithin, tell } from "./measured.ts";
import { startSteadyClient } from "./steady_client.ts";

const isLong = canMakeNetLab && Deno.env.get("MUSTER_CHAOS_LONG") !== undefined;
/** The row says 60 s; what matters is that it is long after the node was lost. */
const FROZEN_MS = isLong ? 60_000 : 8_000;
const LOSSY_MS = isLong ? 300_000 : 30_000;
const HALF_OPEN_MS = 10_000;
/** What hangs fails, and does not hang the test. */
const HANG_MAX_MS = 4 * HALF_OPEN_MS;

function test(name: string, fn: () => Promise<void>): void {
  const reason = canMakeNetLab ? "" : " (needs Linux, root, ip, ss and nft)";
  Deno.test({ name: `chaos ${name}${reason}`, ignore: !canMakeNetLab, fn });
}

test("12: an agent that was frozen follows no old order once it is thawed, and only what is surplus stops", async () => {
  await using lab = await openNetLab(2);
  await using cluster = await startCluster({ agents: lab.hosts, controller: lab.here });
  await cluster.scale(4);
  await cluster.ready(4);
  const [frozen, other] = cluster.agents;
  const old = await healthOf(frozen!);
  const sinceMs = performance.now();
  frozen!.kill("SIGSTOP");
  // It arrives now and is read after the thaw, as an order that was long under way.
  const late = putOld(frozen!, old, { revision: old.revision - 1 });
  await untilNode(cluster, frozen!, "suspect");
  assertWithin("12: suspect", { tookMs: performance.now() - sinceMs, boundMs: 2_000 });
  await untilNode(cluster, frozen!, "lost");
  assertWithin("12: lost", { tookMs: performance.now() - sinceMs, boundMs: 4_500 });
  const during = await cluster.ready(4);
  assertWithin("12: replaced, start included", { tookMs: performance.now() - sinceMs, boundMs: 5_000 });
  await delay(Math.max(0, FROZEN_MS - (performance.now() - sinceMs)));
  assertEquals((await replicaPids(frozen!.data)).length, 2, "its replicas run on");

  frozen!.kill("SIGCONT");
  const thawedMs = performance.now();
  assertEquals((await late).status, 409);
  await until(async () => (await replicaPids(frozen!.data)).length === 0, { what: "the surplus to be stopped" });
  tell(`12: surplus gone ${Math.round(performance.now() - thawedMs)} ms after the thaw`);
  await untilNode(cluster, frozen!, "ready");
  const kept = await replicaPids(other!.data);
  for (const order of [{ revision: old.revision }, { epoch: old.epoch - 1, revision: old.revision + 1_000_000 }]) {
    for (const agent of cluster.agents) {
      const { status, body } = await putOld(agent, old, order);
      assertEquals([status, body.type], [409, "urn:muster:problem:stale"], JSON.stringify(body));
    }
  }
  assertEquals(identities(await cluster.ready(4)), identities(during), "no good one was touched");
  assertEquals([await replicaPids(frozen!.data), await replicaPids(other!.data)], [[], kept]);
});

test("36: when connections to an agent go dead, what happens on its host is heard all the same", async () => {
  await using lab = await openNetLab(1);
  await using cluster = await startCluster({ agents: lab.hosts, controller: lab.here });
  await cluster.scale(2);
  const [first, second] = await cluster.ready(2);
  await lab.sever(lab.hosts[0]!);
  const sinceMs = performance.now();
  Deno.kill(first!.pid!, "SIGKILL");
  const isAgain = ({ id, pid, ready }: typeof first & object) => id === first!.id && pid !== first!.pid && ready;
  await cluster.until({ what: "the news", check: (status) => replicasIn(status).some(isAgain) });
  assertWithin("36: half-open observations", { tookMs: performance.now() - sinceMs, boundMs: HALF_OPEN_MS });
  const after = replicasIn(await cluster.status());
  assertEquals(after.find(({ id }) => id === second!.id)?.pid, second!.pid, "the other runs on");
  assertEquals(after.map(({ id }) => id).toSorted(), [first!.id, second!.id].toSorted(), "nothing was moved");
});

const SILENCES: Readonly<Record<string, (lab: NetLab, host: NetHost) => Promise<void>>> = {
  "both ways": (lab, host) => lab.cut([host]),
  "from it": (lab, host) => lab.cut([host], "from"),
  "to it": (lab, host) => lab.cut([host], "to"),
};

for (const [ways, silence] of Object.entries(SILENCES)) {
  test(`36: a client in the middle of an answer is told when the replica's host falls silent (${ways})`, async () => {
    await using lab = await openNetLab(2);
    await using cluster = await startCluster({ agents: lab.hosts, controller: lab.here });
    const host = await hostOfOne(cluster, lab);
    const signal = AbortSignal.timeout(HANG_MAX_MS);
    const answer = await fetch(`${cluster.controller.url}/proxy/stream?lines=600&every=100ms`, { signal });
    const reader = answer.body!.getReader();
    const socket = await openSocket(`${cluster.controller.url.replace("http", "ws")}/proxy/ws`);
    await reader.read();
    const sinceMs = performance.now();
    await silence(lab, host);
    const brokenMs = readToEnd(reader).then((how) => {
      assert(how instanceof Error, "an answer that was cut off is no whole one");
      return performance.now() - sinceMs;
    });
    const closedMs = deadline(socket.closed, HANG_MAX_MS).then(() => performance.now() - sinceMs);
    assertWithin(`36: half-open answer, ${ways}`, { tookMs: await brokenMs, boundMs: HALF_OPEN_MS });
    assertWithin(`36: half-open WebSocket, ${ways}`, { tookMs: await closedMs, boundMs: HALF_OPEN_MS });
  });
}

for (const { percent, args } of [{ percent: 10, args: [] }, { percent: 30, args: ["--lost-after", "15s"] }]) {
  test(`39: nothing is moved while ${percent} % of the packets are lost (${args.join(" ") || "by default"})`, async () => {
    await using lab = await openNetLab(3);
    const controller = { ...lab.here, args: [...lab.here.args!, ...args] };
    await using cluster = await startCluster({ agents: lab.hosts, controller });
    await cluster.scale(6);
    const before = await cluster.ready(6);
    await using client = startSteadyClient(cluster.controller.url);
    await lab.lose(percent);
    // That nothing happens takes as long as one looks.
    await delay(LOSSY_MS);
    await lab.heal();
    const { failures, requests, slowestMs } = await client.stop();
    const slowest = `the slowest took ${Math.round(slowestMs)} ms`;
    tell(`39, ${percent} % lost: ${failures.length} of ${requests} requests failed, ${slowest}`);
    const events = await cluster.events();
    const suspicions = events.filter((event) => event.includes("is suspect")).length;
    tell(`39, ${percent} % lost: ${suspicions} times suspect in ${LOSSY_MS / 1_000} s`);
    assertEquals(events.filter((event) => event.includes("is lost")), []);
    assertEquals(identities(await cluster.ready(6)), identities(before));
    assertEquals(replicasIn(await cluster.status()).map(({ node }) => node), before.map(({ node }) => node));
  });
}

async function healthOf({ url }: LocalProgram): Promise<AgentHealth> {
  return AgentHealth.parse(await (await fetch(`${url}/v1/health`)).json());
}

/** Orders to run something else, and nothing of what runs there. */
function putOld(
  { url }: LocalProgram,
  { cluster, epoch, name }: AgentHealth,
  order: { epoch?: number; revision: number },
): Promise<Answer> {
  return putOrders(url, { cluster: cluster!, epoch, node: name, replicas: [orderOf(["sleep", "600"])], ...order });
}

function untilNode(cluster: Cluster, agent: LocalProgram, wanted: string): Promise<boolean> {
  return cluster.until({
    what: `the node to be ${wanted}`,
    check: ({ nodes }) => nodes.some(({ url, status }) => url === agent.url && status === wanted),
  });
}

/** Scales to one replica, and tells whose host it is on. */
async function hostOfOne(cluster: Cluster, { hosts }: NetLab): Promise<NetHost> {
  await cluster.scale(1);
  const [only] = await cluster.ready(1);
  const node = (await cluster.status()).nodes.find(({ id }) => id === only!.node)!;
  return hosts.find(({ address }) => new URL(node.url).hostname === address)!;
}

/** A WebSocket that has been open and heard an echo. */
async function openSocket(url: string): Promise<{ closed: Promise<unknown> }> {
  const socket = new WebSocket(url);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  await new Promise((resolve, reject) => {
    socket.onopen = () => socket.send("there?");
    socket.onmessage = resolve;
    socket.onerror = reject;
  });
  socket.onerror = (event) => event.preventDefault();
  return { closed };
}

/** How a stream ends: undefined, or with the error that breaks it off. */
async function readToEnd(reader: ReadableStreamDefaultReader<unknown>): Promise<Error | undefined> {
  try {
    while (!(await reader.read()).done);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error;
  }
}
