/**
 * `deno run -A bench/update_bench.ts`: 20 replicas are updated under 1,000 requests a second. Told are the failed requests,
 * and how long the update took beside what its programs alone need to start, one after the other. Two agents on one
 * machine; the load's client runs in this process.
 * @module
 */
import { until } from "../scripts/local_program.ts";
import { type Cluster, startCluster } from "../tests/support/cluster.ts";

const REPLICAS = 20;
const BURST_EVERY_MS = 10;
const REQUESTS_PER_BURST = 10;
const ALONE_STARTS = 5;
const DONE_MAX_MS = 180_000;

interface Load {
  requests: number;
  failures: string[];
}

async function main(): Promise<void> {
  await using cluster = await startCluster({ agents: 2 });
  await cluster.putService("payload", release(1));
  await cluster.ready(REPLICAS, { withinMs: DONE_MAX_MS });
  const startMs = await startAlone(cluster);
  const load: Load = { requests: 0, failures: [] };
  const underWay = new Set<Promise<void>>();
  const timer = setInterval(() => {
    for (let at = 0; at < REQUESTS_PER_BURST; at++) {
      const request = ask(cluster.controller.url, load).finally(() => underWay.delete(request));
      underWay.add(request);
    }
  }, BURST_EVERY_MS);
  await until(() => load.requests >= 2_000, { what: "the load to be steady" });
  const sinceMs = performance.now();
  const before = load.requests;
  await cluster.putService("payload", release(2));
  await cluster.untilService("payload", {
    what: "the update to be done",
    check: ({ rollout }) => rollout?.phase === "done",
    withinMs: DONE_MAX_MS,
  });
  const tookMs = performance.now() - sinceMs;
  const sent = load.requests - before;
  clearInterval(timer);
  await Promise.all(underWay);
  console.log(`update of ${REPLICAS} replicas under ${Math.round(sent / tookMs * 1_000)} requests a second:`);
  console.log(`  failed requests    ${load.failures.length} of ${load.requests} ${load.failures[0] ?? ""}`);
  console.log(`  start of one       ${Math.round(startMs)} ms until it is ready (median of ${ALONE_STARTS}, no load)`);
  const sum = startMs * REPLICAS;
  console.log(
    `  update             ${(tookMs / 1_000).toFixed(1)} s: ${(tookMs / sum).toFixed(2)} × the sum of the starts`,
  );
}

function release(generation: number) {
  return {
    command: ["payload"],
    env: { RELEASE: String(generation) },
    replicas: REPLICAS,
    health: { http: "/readyz" },
    update: { min_healthy: "0s" },
  };
}

/** How long a replica takes from its assignment until it is ready. */
async function startAlone(cluster: Cluster): Promise<number> {
  const times: number[] = [];
  for (let start = 0; start < ALONE_STARTS; start++) {
    const sinceMs = performance.now();
    await cluster.scale(REPLICAS + 1);
    await cluster.ready(REPLICAS + 1);
    times.push(performance.now() - sinceMs);
    await cluster.scale(REPLICAS);
    await cluster.ready(REPLICAS);
  }
  return times.toSorted((a, b) => a - b)[ALONE_STARTS >> 1]!;
}

async function ask(url: string, load: Load): Promise<void> {
  load.requests += 1;
  try {
    const response = await fetch(url);
    const text = await response.text();
    if (!response.ok) load.failures.push(`${response.status} ${text.trim()}`);
  } catch (error) {
    // Connections that are refused or cut are what is counted here.
    if (!(error instanceof TypeError)) throw error;
    load.failures.push(error.message);
  }
}

if (import.meta.main) await main();
