/**
 * Programs that reach another service by MUSTER_ADDR_<SERVICE>, on three hosts, while that service moves, an agent is
 * restarted, and the controller is away. The program is the guide's.
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type LocalProgram, replicaPids, until } from "../../scripts/local_program.ts";
import { type Cluster, type Place, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { specUnder } from "../support/guide_example.ts";
import { isInstalled } from "../support/installed.ts";
import { canMakeNetLab, openNetLab } from "../support/netns.ts";

const canRun = granted && canMakeNetLab && isInstalled("redis-server");
const TOKEN = "a-token-of-this-test";
/** More than a move takes, with the pauses of the program. */
const AGAIN_MS = 20_000;

Deno.test({
  name:
    `MUSTER_ADDR_<SERVICE> leads to a service from every host, wherever it moves, and outlives agent and controller${
      canRun ? "" : " (ignored: needs root, ip, nft and redis-server)"
    }`,
  ignore: !canRun,
  fn: async () => {
    await using lab = await openNetLab(3);
    using file = await tokenFile();
    const guarded = ({ args, ...place }: Place) => ({ ...place, args: [...args!, "--token-file", file.path] });
    const [here, hosts] = [guarded(lab.here), lab.hosts.map(guarded)];
    await using cluster = await startCluster({ agents: hosts, controller: here, token: TOKEN });
    await cluster.putService("visitor", {
      ...specUnder("A program that counts in Redis"),
      placement: { max_per_node: 1 },
    });
    await cluster.putService("redis", {
      command: ["redis-server", "--bind", "${HOST}", "--port", "${PORT}", "--save", ""],
      health: { tcp: true },
    });
    const visitors = await visitorsOf(cluster);
    assertEquals(visitors.length, 3);
    await untilAllCount(visitors);

    const [redis] = await cluster.ready(1, { service: "redis" });
    const { nodes } = await cluster.status();
    const url = nodes.find(({ id }) => id === redis!.node)!.url;
    const dying = lab.hosts.find(({ address }) => new URL(url).hostname === address)!;
    await lab.killAll(dying);
    const left = visitors.filter(({ agent }) => agent.url !== url);
    assertEquals(left.length, 2);
    await untilAllCount(left);
    const [moved] = await cluster.ready(1, { service: "redis" });
    assertNotEquals(moved!.node, redis!.node);

    for (const { agent } of left) {
      const isKept = async () => (await Deno.readTextFile(`${agent.data}/addresses.json`)).includes(moved!.id);
      await until(isKept, { what: "the agents to have kept where Redis is" });
    }

    await cluster.controller.stop("SIGKILL");
    for (const { agent } of left) await cluster.restartAgent(cluster.agents.indexOf(agent));
    await untilAllCount(left);
    for (const { agent, pid } of left) assert((await replicaPids(agent.data)).includes(pid), "its process runs on");
  },
});

async function tokenFile(): Promise<Disposable & { path: string }> {
  const path = await Deno.makeTempFile({ prefix: "muster-token-" });
  await Deno.writeTextFile(path, `${TOKEN}\n`);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}

interface Visitor {
  replica: string;
  pid: number;
  agent: LocalProgram;
}

async function visitorsOf(cluster: Cluster): Promise<Visitor[]> {
  const replicas = await cluster.ready(3, { service: "visitor" });
  const { nodes } = await cluster.status();
  return replicas.map(({ id, pid, node }) => {
    const url = nodes.find((each) => each.id === node)!.url;
    return { replica: id, pid: pid!, agent: cluster.agents.find((agent) => agent.url === url)! };
  });
}

/** Waits until each has counted twice from now on. */
async function untilAllCount(visitors: readonly Visitor[]): Promise<void> {
  const counted = await Promise.all(visitors.map(counts));
  for (const [at, visitor] of visitors.entries()) {
    await until(async () => (await counts(visitor)) >= counted[at]! + 2, {
      what: `visitor ${visitor.replica} to count on`,
      withinMs: AGAIN_MS,
    });
  }
}

/** How often it has got a number from Redis. */
async function counts({ replica, agent }: Visitor): Promise<number> {
  const text = await Deno.readTextFile(`${agent.data}/logs/${replica}.out`);
  return text.split("\n").filter((line) => /^\d+$/.test(line)).length;
}
