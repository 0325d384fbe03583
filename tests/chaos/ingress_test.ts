/**
 * What clients of the ingress see of dying replicas and silent hosts. Rows 7, 36 and 38: requests that may be repeated
 * never fail, others are answered with a reason, and nothing hangs.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { type Cluster, replicasIn, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { ingressOf } from "../support/ingress.ts";
import { canMakeNetLab, openNetLab } from "../support/netns.ts";
import { assertWithin, tell } from "./measured.ts";
import { startSteadyClient } from "./steady_client.ts";

const ARGS = ["--ingress-port", "0"];
const KILLS = 10;

function web(replicas: number) {
  return {
    command: ["payload"],
    replicas,
    health: { http: "/readyz", interval: "100ms", start_period: "5s" },
    restart: { backoff: "100ms", backoff_max: "100ms", attempts: 1_000, window: "10s" },
    routes: [{ path: "/", queue: { timeout: "15s" } }],
  };
}

async function ready(cluster: Cluster, count: number) {
  return (await cluster.ready(count, { service: "web" })).map(({ id, pid, node }) => ({ id, pid: pid!, node }));
}

Deno.test({
  name: "chaos 7, 38: replicas are killed under load: no GET fails, and no POST is sent twice",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    await using cluster = await startCluster({ agents: 2, controller: { args: ARGS } });
    await cluster.putService("web", web(3));
    await ready(cluster, 3);
    const url = await ingressOf(cluster);
    await using client = startSteadyClient(url);
    const posts = { sent: 0, reasons: new Set<number>() };
    let isPosting = true;
    const posting = (async () => {
      while (isPosting) {
        const response = await fetch(`${url}/echo`, { method: "POST", body: `post ${posts.sent++}` });
        await response.body?.cancel();
        if (!response.ok) posts.reasons.add(response.status);
      }
    })();
    for (let killed = 0; killed < KILLS; killed++) {
      const [victim] = await ready(cluster, 3);
      Deno.kill(victim!.pid, "SIGKILL");
      await cluster.until({
        what: "another process in its place",
        check: (status) =>
          replicasIn(status, "web").some(({ id, pid, ready }) => id === victim!.id && pid !== victim!.pid && ready),
      });
    }
    isPosting = false;
    await posting;
    const { failures, requests, slowestMs } = await client.stop();
    assertEquals(failures, []);
    assert(
      [...posts.reasons].every((status) => status === 502 || status === 503 || status === 504),
      `${[...posts.reasons]}`,
    );
    tell(
      `7, 38: ${KILLS} kills: 0 of ${requests} GETs failed, the slowest took ${
        Math.round(slowestMs)
      } ms; ${posts.sent} POSTs`,
    );
  },
});

Deno.test({
  name: `chaos 36: a host that falls silent costs no GET, and what it was saying is cut off in time${
    canMakeNetLab ? "" : " (needs Linux, root, ip and nft)"
  }`,
  ignore: !canMakeNetLab,
  fn: async () => {
    await using lab = await openNetLab(2);
    const here = { ...lab.here, args: [...lab.here.args ?? [], ...ARGS] };
    await using cluster = await startCluster({ agents: lab.hosts, controller: here });
    await cluster.putService("web", web(4));
    await ready(cluster, 4);
    const url = await ingressOf(cluster);
    const streams = Array.from({ length: 4 }, async () => {
      const response = await fetch(`${url}/stream?lines=1000&every=50ms`);
      const text = response.text().then(() => "whole", () => "cut off");
      return await text;
    });
    await using client = startSteadyClient(url);
    await client.more(50);
    const sinceMs = performance.now();
    await lab.cut([lab.hosts[0]!]);
    const first = await Promise.race(streams);
    assertEquals(first, "cut off");
    assertWithin("36: what a silent host was saying is cut off", {
      tookMs: performance.now() - sinceMs,
      boundMs: 10_000,
    });
    await client.more(200);
    const { failures, requests, slowestMs } = await client.stop();
    assertEquals(failures, []);
    tell(`36: 0 of ${requests} GETs failed, the slowest took ${Math.round(slowestMs)} ms`);
    await cluster.putService("web", { ...web(4), replicas: 0 });
    await until(
      async () => (await cluster.status()).services.some(({ name, desired }) => name === "web" && desired === 0),
      {
        what: "the service to be scaled to 0",
      },
    );
    await lab.heal();
    await Promise.all(streams);
  },
});
