/**
 * What one sees of a whole cluster while it lives: each change as it happens, what programs use, and how services are
 * asked.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { connectChecked } from "../../lib/wire/client/checked_client.ts";
import type { WatchMessage } from "../../lib/wire/watch.ts";
import { until } from "../../scripts/local_program.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const scenario = { ignore: !granted || Deno.build.os === "windows" };
const WAIT_MS = 60_000;

function clientOf({ controller: { url } }: Cluster) {
  return connectChecked({ server: url });
}

Deno.test("who watches sees how a replica is killed, and that it is well again", scenario, async () => {
  await using cluster = await startCluster({ agents: 2 });
  await cluster.scale(2);
  const [first] = await cluster.ready(2);
  const { id, pid } = first!;
  const seen: string[] = [];
  const note = ({ events, replicas }: WatchMessage) => {
    seen.push(...events.filter(({ replica }) => replica === id).map(({ kind }) => kind));
    seen.push(...replicas.filter((replica) => replica.id === id).map(({ ready, restarts }) => `${ready} ${restarts}`));
  };
  const ending = AbortSignal.timeout(WAIT_MS);
  for await (const message of clientOf(cluster).watch({}, { signal: ending })) {
    if (message.kind === "snapshot") {
      assertEquals(message.replicas.map(({ ready }) => ready), [true, true]);
      assertEquals([message.nodes.length, message.cluster.held_up, message.gone], [2, null, false]);
      Deno.kill(pid!, "SIGKILL");
      continue;
    }
    note(message);
    if (seen.includes("true 1")) break;
  }
  const [exited, unready] = [seen.indexOf("replica_exited"), seen.indexOf("false 1")];
  assert(exited >= 0 && unready >= 0, seen.join(", "));
  assert(unready < seen.indexOf("true 1") && exited < seen.indexOf("replica_ready"), seen.join(", "));
});

Deno.test("a program that never rests is seen to use a core, and one that rests next to nothing", {
  ignore: scenario.ignore || Deno.build.os !== "linux",
}, async () => {
  await using cluster = await startCluster({ agents: 1 });
  // What a shell starts counts with it.
  await cluster.putService("busy", { command: ["/bin/sh", "-c", "sh -c 'while :; do :; done'; exit 1"], replicas: 1 });
  await cluster.putService("idle", { command: ["/bin/sh", "-c", "sleep 1000; exit 1"], replicas: 1 });
  for (const service of ["busy", "idle"]) await cluster.ready(1, { service });
  const client = clientOf(cluster);
  const read = () => client.getUsage({}, { signal: AbortSignal.timeout(WAIT_MS) });
  await read();
  const usage = await until(async () => {
    const found = await read();
    return found.replicas.every(({ cpu }) => cpu !== null) && found.nodes.every(({ cpu }) => cpu !== null) && found;
  }, { withinMs: WAIT_MS, what: () => "a second measurement" });
  const [busy, idle] = usage.replicas;
  assertEquals([busy?.name, idle?.name, usage.nodes.length, usage.silent], ["busy.0", "idle.0", 1, []]);
  // Others may want the processors, too: it is far from nothing, and no more than one core.
  assert(busy!.cpu! > 0.1 && busy!.cpu! < 1.5, `${busy!.cpu}`);
  assert(idle!.cpu! < busy!.cpu! / 5, `${idle!.cpu} of ${busy!.cpu}`);
  assert(usage.nodes[0]!.cpu! > busy!.cpu! / 2, `${usage.nodes[0]!.cpu}`);
  assert(busy!.memory_bytes! > 100_000 && usage.nodes[0]!.memory_bytes! > busy!.memory_bytes!);
});

Deno.test("requests through the controller's port and through the ingress are counted together", scenario, async () => {
  await using cluster = await startCluster({ agents: 1, controller: { args: ["--ingress-port", "0"] } });
  await cluster.putService("payload", { command: ["payload"], replicas: 1, routes: [{ path: "/" }] });
  await cluster.ready(1);
  const line = await cluster.controller.logged("the ingress listens on");
  const ingress = /127\.0\.0\.1:\d+/.exec(line)?.[0];
  const statuses: number[] = [];
  // The first may come before the ingress has heard of the replica: then they are errors, and count as such.
  while (statuses.filter((status) => status === 200).length < 10) {
    for (const url of [cluster.controller.url, `http://${ingress}`]) {
      const response = await fetch(url);
      statuses.push(response.status);
      await response.body?.cancel();
    }
  }
  const client = clientOf(cluster);
  const points = await until(async () => {
    const { points } = await client.getTraffic({ name: "payload" }, { signal: AbortSignal.timeout(WAIT_MS) });
    return points.reduce((sum, { requests }) => sum + requests, 0) >= statuses.length && points;
  }, { withinMs: WAIT_MS, what: () => `${statuses.length} requests in intervals that are over` });
  assertEquals(points.reduce((sum, { requests }) => sum + requests, 0), statuses.length);
  assertEquals(points.reduce((sum, { errors }) => sum + errors, 0), statuses.filter((status) => status >= 500).length);
  assert(points.some(({ p50_s, p99_s }) => p50_s !== null && p99_s !== null && p50_s <= p99_s));
});
