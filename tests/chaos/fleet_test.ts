/**
 * What clients of the ingress see of a large fleet that reconnects at once. Row 23: the ingress goes on meanwhile, the API
 * stays quick, and soon every node is followed again. One agent is real and has what is served; the others speak the
 * protocol and run nothing.
 * @module
 */
import { assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { type FakeAgent, startFakeAgent } from "../controller/fake_agent.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { ingressOf } from "../support/ingress.ts";
import { assertWithin, tell } from "./measured.ts";
import { startSteadyClient } from "./steady_client.ts";

const FLEET = 200;
const SYNCED_MS = 10_000;
const API_P99_MS = 200;
const ASK_EVERY_MS = 25;
const READY_MS = 60_000;

const WEB = {
  command: ["payload"],
  replicas: 2,
  placement: { constraints: ["real == yes"] },
  health: { http: "/readyz", interval: "500ms", start_period: "5s" },
  routes: [{ path: "/", queue: { timeout: "15s" } }],
};

interface Fleet {
  cluster: Cluster;
  agents: readonly FakeAgent[];
}

const RECONNECTIONS: Readonly<Record<string, (fleet: Fleet) => Promise<void>>> = {
  "all streams are cut": ({ agents }) => {
    for (const agent of agents) agent.hangUp();
    return Promise.resolve();
  },
  "the controller is killed and started again": async ({ cluster, agents }) => {
    await cluster.restartController();
    for (const agent of agents) agent.hangUp();
  },
};

Deno.test({
  name: "chaos 23: 200 agents reconnect at once: the ingress fails no request, the API stays quick, all are synced",
  ignore: !granted || Deno.build.os === "windows",
  fn: async (test) => {
    await using stack = new AsyncDisposableStack();
    const agents = Array.from({ length: FLEET }, (_, at) => stack.use(startFakeAgent(`f${at}`)));
    const args = ["--ingress-port", "0", ...agents.flatMap(({ url }) => ["--agent", url])];
    await using cluster = await startCluster({ agents: [{ args: ["--label", "real=yes"] }], controller: { args } });
    const fleet = { cluster, agents };
    await cluster.putService("web", WEB);
    await cluster.ready(WEB.replicas, { service: "web", withinMs: READY_MS });
    await untilSynced(fleet);
    for (const [how, reconnect] of Object.entries(RECONNECTIONS)) {
      await test.step(how, async () => {
        const sinceMs = performance.now();
        await reconnect(fleet);
        // From here on the ingress is there, and whoever asks is served.
        await using client = startSteadyClient(await ingressOf(cluster));
        await using api = startAsking(`${cluster.controller.url}/v1/services/web`);
        await untilSynced(fleet);
        assertWithin(`23, ${how}: all synced`, { tookMs: performance.now() - sinceMs, boundMs: SYNCED_MS });
        await client.more(100);
        const { failures, requests, slowestMs } = await client.stop();
        assertEquals(failures, []);
        tell(`23, ${how}: 0 of ${requests} GETs failed, the slowest took ${Math.round(slowestMs)} ms`);
        assertWithin(`23, ${how}: p99 of the API`, { tookMs: p99Of(await api.stop()), boundMs: API_P99_MS });
      });
    }
  },
});

/** Until every node is ready, has taken orders of this controller, and is listened to. */
async function untilSynced({ cluster, agents }: Fleet): Promise<void> {
  const epoch = Number(JSON.parse(await cluster.controller.logged("listening on")).epoch);
  await cluster.until({
    what: "all nodes to be ready",
    check: ({ nodes }) => nodes.filter(({ status }) => status === "ready").length === FLEET + 1,
    withinMs: READY_MS,
  });
  await until(() => agents.every((agent) => agent.health.epoch === epoch), {
    what: "all to have taken orders",
    withinMs: READY_MS,
  });
  await Promise.all(agents.map((agent) => agent.listened()));
}

/** Asks again and again, one request after the other, and notes how long each answer took. */
function startAsking(url: string): AsyncDisposable & { stop: () => Promise<number[]> } {
  const ending = new AbortController();
  const tookMs: number[] = [];
  const asking = (async () => {
    while (!ending.signal.aborted) {
      const sinceMs = performance.now();
      const response = await fetch(url);
      await response.body?.cancel();
      assertEquals(response.status, 200);
      tookMs.push(performance.now() - sinceMs);
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  })();
  const stop = async () => {
    ending.abort();
    await asking;
    return tookMs;
  };
  return { stop, [Symbol.asyncDispose]: async () => void await stop() };
}

function p99Of(tookMs: readonly number[]): number {
  return tookMs.toSorted((a, b) => a - b)[Math.floor(tookMs.length * 0.99)] ?? Infinity;
}
