/**
 * Hosts that die and networks that fall silent. Rows 9, 10, 11 and 24, on hosts in network namespaces. Packets vanish
 * at the switch between them, so that nobody is told of a closed connection.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { replicaPids, until } from "../../scripts/local_program.ts";
import { identities, replicasIn, startCluster } from "../support/cluster.ts";
import { canMakeNetLab, type NetHost, type NetLab, openNetLab } from "../support/netns.ts";
import { assertWithin, tell } from "./measured.ts";
import { startSteadyClient } from "./steady_client.ts";

/** The controller's default. */
const LOST_AFTER_MS = 3_000;

function test(name: string, fn: () => Promise<void>): void {
  const reason = canMakeNetLab ? "" : " (needs Linux, root, ip and nft)";
  Deno.test({ name: `chaos ${name}${reason}`, ignore: !canMakeNetLab, fn });
}

const DEATHS: Readonly<Record<string, (lab: NetLab, host: NetHost) => Promise<void>>> = {
  "everything on it is killed, its link stays up": (lab, host) => lab.killAll(host),
  "it falls silent": (lab, host) => lab.cut([host]),
};

for (const [how, die] of Object.entries(DEATHS)) {
  test(`9: the replicas of a host that dies (${how}) are ready elsewhere, and no request fails`, async () => {
    await using lab = await openNetLab(3);
    await using cluster = await startCluster({ agents: lab.hosts, controller: lab.here });
    await cluster.scale(6);
    await cluster.ready(6);
    await using client = startSteadyClient(cluster.controller.url);
    await client.more(20);
    const [dying] = lab.hosts;
    const node = (await cluster.status()).nodes.find(({ url }) => url === cluster.agents[0]!.url)!.id;
    const sinceMs = performance.now();
    await die(lab, dying!);
    await cluster.until({
      what: "all to be ready elsewhere",
      check: (status) => replicasIn(status).filter((replica) => replica.node !== node && replica.ready).length === 6,
    });
    assertWithin(`9 replaced, start included; ${how}`, { tookMs: performance.now() - sinceMs, boundMs: 5_000 });
    await client.more(20);
    const { failures, requests, slowestMs } = await client.stop();
    assertEquals(failures, []);
    tell(`9: 0 of ${requests} failed, the slowest took ${Math.round(slowestMs)} ms; ${how}`);
  });
}

for (const direction of ["both", "from", "to"] as const) {
  const ways = { both: "both ways", from: "from the agent", to: "to the agent" }[direction];
  test(`10, 11: a silent partition (${ways}) is noticed, and once healed only what is surplus stops`, async () => {
    await using lab = await openNetLab(2);
    await using cluster = await startCluster({ agents: lab.hosts, controller: lab.here });
    await cluster.scale(4);
    const before = await cluster.ready(4);
    const [cutOff, other] = cluster.agents;
    const turned = (wanted: string) =>
      cluster.until({
        what: `the node to be ${wanted}`,
        check: ({ nodes }) => nodes.some(({ url, status }) => url === cutOff!.url && status === wanted),
      });
    const sinceMs = performance.now();
    await lab.cut([lab.hosts[0]!], direction);
    await turned("suspect");
    assertWithin(`10 ${direction}: suspect`, { tookMs: performance.now() - sinceMs, boundMs: 2_000 });
    await turned("lost");
    const lostMs = performance.now() - sinceMs;
    assert(lostMs >= LOST_AFTER_MS - 1_000, `lost after ${lostMs} ms already`);
    assertWithin(`10 ${direction}: lost`, { tookMs: lostMs, boundMs: LOST_AFTER_MS + 1_500 });
    const during = await cluster.ready(4);
    assertEquals((await replicaPids(cutOff!.data)).length, 2, "those cut off run on, as nobody can tell them");

    await lab.heal();
    const healedMs = performance.now();
    await until(async () => (await replicaPids(cutOff!.data)).length === 0, { what: "the surplus to be stopped" });
    tell(`11 ${direction}: surplus gone ${Math.round(performance.now() - healedMs)} ms after the heal`);
    await turned("ready");
    const after = await cluster.ready(4);
    assertEquals(identities(after), identities(during), "none of those that took over was touched");
    const kept = before.filter(({ id }) => after.some((replica) => replica.id === id));
    assertEquals(kept.length, 2);
    for (const { id, pid } of kept) assertEquals(after.find((replica) => replica.id === id)?.pid, pid);
    assertEquals((await replicaPids(other!.data)).length, 4);
  });
}

test("24: when 3 of 5 nodes vanish at once nothing is moved and an alarm says why, until they are back", async () => {
  await using lab = await openNetLab(5);
  await using cluster = await startCluster({ agents: lab.hosts, controller: lab.here });
  await cluster.scale(5);
  const before = await cluster.ready(5);
  await lab.cut(lab.hosts.slice(0, 3));
  await cluster.until({
    what: "three to be lost",
    check: ({ nodes }) => nodes.filter(({ status }) => status === "lost").length === 3,
  });
  const alarm = await until(async () => (await cluster.events()).find((event) => event.startsWith("mass_loss:")), {
    what: "the alarm",
  });
  assert(alarm.includes("the controller itself may be cut off"), alarm);
  const waiting = await until(
    async () => (await cluster.events()).find((event) => /waits: .*moving waits/.test(event)),
    {
      what: "to hear why nothing is moved",
    },
  );
  tell(`24: ${alarm}; ${waiting}`);
  const assigned = (all: typeof before) => all.map(({ id, node }) => `${id} ${node}`).toSorted();
  assertEquals(assigned(replicasIn(await cluster.status())), assigned(before), "nothing was moved");
  await lab.heal();
  assertEquals(identities(await cluster.ready(5)), identities(before));
  assert((await cluster.events()).some((event) => event.startsWith("mass_loss_over:")));
});
