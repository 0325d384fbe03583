/**
 * What clients of the ingress see of dying replicas, silent hosts and networks that lose packets. Rows 7, 36, 38 and 39:
 * requests that may be repeated never fail, others are answered with a reason, and nothing hangs. MUSTER_CHAOS_LONG=1
 * plays the last one for minutes. Row 23 is in `fleet_test.ts`.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { until } from "../../scripts/local_program.ts";
import { type Cluster, identities, replicasIn, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { ingressOf } from "../support/ingress.ts";
import { canMakeNetLab, openNetLab } from "../support/netns.ts";
import { assertWithin, tell } from "./measured.ts";
import { startSteadyClient } from "./steady_client.ts";

const ARGS = ["--ingress-port", "0"];
const KILLS = 10;
const LOSSY_MS = canMakeNetLab && Deno.env.get("MUSTER_CHAOS_LONG") !== undefined ? 300_000 : 20_000;
/** Where packets are lost another replica may be quicker; all of it takes less than the client's patience. */
const HASTE = { connect_timeout: "1s", timeout: "2s", total_timeout: "8s", retries: 3 };

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

for (const { percent, args } of [{ percent: 10, args: [] }, { percent: 30, args: ["--lost-after", "15s"] }]) {
  Deno.test({
    name:
      `chaos 39: while ${percent} % of the packets are lost nothing is moved, and each GET gets an answer or a reason${
        canMakeNetLab ? "" : " (needs Linux, root, ip and nft)"
      }`,
    ignore: !canMakeNetLab,
    fn: async () => {
      await using lab = await openNetLab(3);
      const here = { ...lab.here, args: [...lab.here.args ?? [], ...ARGS, ...args] };
      await using cluster = await startCluster({ agents: lab.hosts, controller: here });
      const route = { path: "/", ...HASTE };
      await cluster.putService("web", { ...web(6), routes: [route] });
      await ready(cluster, 6);
      const before = identities(replicasIn(await cluster.status(), "web"));
      await using client = startSteadyClient(await ingressOf(cluster));
      await client.more(50);
      assertEquals(client.asked.failures, []);
      await lab.lose(percent);
      // That nothing happens takes as long as one looks.
      await delay(LOSSY_MS);
      await lab.heal();
      const { failures, requests, slowestMs } = await client.stop();
      tell(`39, ${percent} % lost: ${failures.length} of ${requests} GETs failed, the slowest took ${slowestMs} ms`);
      assertEquals(failures.filter((failure) => !/^50[234] /.test(failure)), []);
      assertEquals((await cluster.events()).filter((event) => event.includes("is lost")), []);
      await ready(cluster, 6);
      assertEquals(identities(replicasIn(await cluster.status(), "web")), before);
    },
  });
}
