/**
 * The controller is killed, frozen, started twice, or finds its store damaged. Rows 17, 17a, 17b, 18, 19 and 31: whatever
 * becomes of it, what it acknowledged is kept and no replica is touched.
 * @module
 */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { delay } from "@std/async";
import { replicaPids, startProgram, until } from "../../scripts/local_program.ts";
import { type Cluster, identities, replicasIn, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { assertWithin, tell } from "./measured.ts";

const KILLS = 200;
const FROZEN_MS = 5_000;

const ignore = !granted || Deno.build.os !== "linux";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `chaos ${name}`, ignore, fn });
}

test(`18: ${KILLS} kills of the controller while it is written to lose nothing and restart nothing`, async () => {
  await using cluster = await startCluster({ agents: 2 });
  await cluster.scale(4);
  const before = identities(await cluster.ready(4));
  const acknowledged = new Map<string, number>();
  let slowestMs = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const service = `written-${kill % 10}`;
    const writing = writeUntilKilled(cluster, { service, from: kill * 1_000, acknowledged });
    await until(() => (acknowledged.get(service) ?? 0) >= kill * 1_000, { what: "a write to be acknowledged" });
    // Not always at the same point of a write.
    await delay(kill % 7);
    cluster.controller.kill("SIGKILL");
    await writing;
    const sinceMs = performance.now();
    await cluster.restartController();
    await assertKept(cluster, acknowledged);
    slowestMs = Math.max(slowestMs, performance.now() - sinceMs);
  }
  assertWithin(`18 slowest of ${KILLS} starts until it serves`, { tookMs: slowestMs, boundMs: 1_500 });
  assertEquals(identities(await cluster.ready(4)), before);
  const { cluster: { epoch } } = await cluster.status();
  assertEquals(epoch, KILLS + 1, "each start raised the epoch");
});

test("17: without a controller nothing is stopped, and restarts in place go on", async () => {
  await using cluster = await startCluster({ agents: 2 });
  await cluster.scale(3);
  const before = await cluster.ready(3);
  cluster.controller.kill("SIGKILL");
  await cluster.controller.ended;
  const victim = before[0]!;
  Deno.kill(victim.pid!, "SIGKILL");
  // Its agent brings it back without anybody's word.
  const running = async () => (await Promise.all(cluster.agents.map(({ data }) => replicaPids(data)))).flat();
  await until(async () => (await running()).filter((pid) => pid !== victim.pid).length === 3, {
    what: "the replica to be back",
  });
  await cluster.restartController();
  const after = await cluster.ready(3);
  const back = after.find(({ id }) => id === victim.id)!;
  assertEquals([back.node, back.restarts], [victim.node, 1]);
  assertNotEquals(back.pid, victim.pid);
  const others = (all: typeof before) => identities(all.filter(({ id }) => id !== victim.id));
  assertEquals(others(after), others(before));
});

test(`17a: a controller that is frozen for ${FROZEN_MS / 1_000} s takes no node for lost and moves nothing`, async () => {
  await using cluster = await startCluster({ agents: 3 });
  await cluster.scale(3);
  const before = identities(await cluster.ready(3));
  cluster.controller.kill("SIGSTOP");
  await delay(FROZEN_MS);
  cluster.controller.kill("SIGCONT");
  const thawedMs = performance.now();
  const { revision } = (await cluster.status()).cluster;
  // Three more probes of each node: a false loss would have come to light by then.
  await cluster.until({
    what: "all to be heard since",
    check: ({ nodes }) => performance.now() - thawedMs > 3_500 && nodes.every(({ status }) => status === "ready"),
  });
  const status = await cluster.status();
  assertEquals(identities(replicasIn(status)), before);
  assertEquals(status.cluster.revision, revision, "nothing was decided");
  assertEquals((await cluster.events()).filter((event) => event.startsWith("node_lost")), []);
});

test("17b: a controller with an empty store is refused by another's agent, and stops nothing there", async () => {
  await using cluster = await startCluster({ agents: 1 });
  await cluster.scale(2);
  const before = identities(await cluster.ready(2));
  const { url } = cluster.agents[0]!;
  const both = /belongs to cluster [0-9a-f-]{36}, (?:this is|not to) (?:cluster )?[0-9a-f-]{36}.*--forget-cluster/;

  await using asking = await startCluster({ agents: 0 });
  const answer = await asking.post("/add-node", { url });
  assertEquals(answer.status, 409);
  assertMatch(answer.body, both);

  // One that was told of the agent at its start has asked nobody before it gives orders.
  await using told = await startCluster({ agents: 0, controller: { args: ["--agent", url] } });
  await told.scale(1);
  const refused = await until(async () => (await told.events()).find((event) => event.startsWith("orders_refused")), {
    what: "the refusal",
  });
  assertMatch(refused, both);
  assertEquals(identities(await cluster.ready(2)), before);
});

test("19: a second controller on the same data refuses to start and says so", async () => {
  await using cluster = await startCluster({ agents: 0 });
  await using second = await startProgram("controller", { data: cluster.controller.data, detached: true });
  assertEquals((await second.ended).code, 1);
  assertMatch(await second.logged("another"), /controller/);
  assertEquals((await cluster.status()).cluster.epoch, 1, "the first one serves on");
});

for (const [damage, spoil] of Object.entries({ emptied, truncated, overwritten })) {
  test(`31: a controller whose store was ${damage} refuses to start, says what to do, and stops nothing`, async () => {
    await using cluster = await startCluster({ agents: 1 });
    await cluster.scale(2);
    const before = await cluster.ready(2);
    await cluster.controller.stop("SIGKILL");
    await spoil(`${cluster.controller.data}/muster.db`);
    await using damaged = await startProgram("controller", { data: cluster.controller.data, detached: true });
    assertEquals((await damaged.ended).code, 1, damaged.log());
    const said = await damaged.logged("can't go on");
    assertMatch(said, /muster\.db/);
    assertMatch(said, /restore|backup|move/i);
    tell(`31 ${damage}: ${JSON.parse(said).error?.message ?? said}`);
    for (const { id, port } of before) assert(await answersAs(id, port));
  });
}

/** Changes a service again and again until the controller is gone; notes what was acknowledged. */
async function writeUntilKilled(
  cluster: Cluster,
  { service, from, acknowledged }: { service: string; from: number; acknowledged: Map<string, number> },
): Promise<void> {
  for (let value = from;; value++) {
    try {
      await cluster.putService(service, {
        command: ["payload"],
        replicas: 0,
        env: { VALUE: String(value) },
      });
    } catch (error) {
      // It was killed before it answered: whether the write was done is unknown.
      if (!(error instanceof TypeError)) throw error;
      return;
    }
    acknowledged.set(service, value);
  }
}

/** What was acknowledged is there, or what was written after it. */
async function assertKept(cluster: Cluster, acknowledged: Map<string, number>): Promise<void> {
  const response = await fetch(`${cluster.controller.url}/v1/services?limit=100`);
  const { items } = await response.json() as { items: { name: string; spec: { env: Record<string, string> } }[] };
  for (const [service, value] of acknowledged) {
    const kept = Number(items.find(({ name }) => name === service)?.spec.env.VALUE);
    assert(kept === value || kept === value + 1, `${service}: acknowledged ${value}, found ${kept}`);
  }
}

/** Whether the replica itself answers on its port. */
async function answersAs(id: string, port: number | null): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) });
    return (await response.text()).includes(id);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    return false;
  }
}

async function emptied(path: string): Promise<void> {
  await removeWal(path);
  await Deno.truncate(path, 0);
}

async function truncated(path: string): Promise<void> {
  await removeWal(path);
  await Deno.truncate(path, Math.floor((await Deno.stat(path)).size / 2));
}

async function overwritten(path: string): Promise<void> {
  await removeWal(path);
  using file = await Deno.open(path, { write: true });
  await file.seek(4_096, Deno.SeekMode.Start);
  await file.write(crypto.getRandomValues(new Uint8Array(4_096)));
}

async function removeWal(path: string): Promise<void> {
  for (const suffix of ["-wal", "-shm"]) {
    try {
      await Deno.remove(path + suffix);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
