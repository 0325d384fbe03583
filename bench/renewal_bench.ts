/**
 * `deno run -A bench/renewal_bench.ts [agents]`: that many agents are told to renew certificate, key and credentials at
 * once, twice over, by replacing the cluster's authority under them. What counts is whether a probe is missed meanwhile.
 * Takes 70 MB of memory per agent.
 * @module
 */
import { EventList } from "../lib/wire/api.ts";
import { AuthorityRotation } from "../lib/wire/join.ts";
import { until } from "../scripts/local_program.ts";
import { type SecureCluster, startSecureCluster } from "../tests/scenario/secure_cluster.ts";

const AT_ONCE = 10;
const ALONE = 5;
const WITHIN_MS = 120_000;

async function main([count = "100"]: string[]): Promise<void> {
  const agents = Number(count);
  await using cluster = await startSecureCluster({ agents: 0 });
  await reportJoining(cluster);
  for (let begun = ALONE; begun < agents; begun += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, agents - begun) }, () => cluster.join()));
  }
  const before = await probes(cluster);
  const sinceMs = performance.now();
  await cluster.ask("/v1/authority/rotate", cluster.asAdmin("POST"));
  await until(async () => await phase(cluster) === "done", { what: "the new authority", withinMs: WITHIN_MS });
  const tookS = (performance.now() - sinceMs) / 1_000;
  const after = await probes(cluster);
  const { text } = await cluster.ask("/v1/events?limit=1000", cluster.asAdmin());
  const suspicions = EventList.parse(JSON.parse(text)).events.filter(({ text }) => text.includes("is suspect")).length;
  console.log(`${agents} agents renewed twice in ${tookS.toFixed(1)} s`);
  console.log(`probes meanwhile: ${after.answered - before.answered} answered, ${after.failed - before.failed} failed`);
  console.log(`nodes that were suspect, from the first join on: ${suspicions}`);
}

/** One agent after the other: from starting the program until it has joined and listens. */
async function reportJoining(cluster: SecureCluster): Promise<void> {
  const tookMs: number[] = [];
  for (let joined = 0; joined < ALONE; joined++) {
    const { path } = await cluster.invitation();
    const sinceMs = performance.now();
    await cluster.begin("agent", cluster.joining(path));
    tookMs.push(performance.now() - sinceMs);
  }
  tookMs.sort((a, b) => a - b);
  const [median, most] = [tookMs[ALONE >> 1], tookMs.at(-1)].map((ms) => `${Math.round(ms!)} ms`);
  console.log(`starting an agent until it has joined: median ${median}, most ${most} (${ALONE} times)`);
}

/** Undefined when the connection met the moment in which the controller's certificate was replaced. */
async function phase(cluster: SecureCluster): Promise<AuthorityRotation["phase"] | undefined> {
  const now = await Deno.readTextFile(`${cluster.controller.data}/authority/authority.pem`);
  cluster.caCerts = [...new Set([...cluster.caCerts, now])];
  try {
    const { text } = await cluster.ask("/v1/authority/rotation", cluster.asAdmin());
    return AuthorityRotation.parse(JSON.parse(text)).phase;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}

async function probes(cluster: SecureCluster): Promise<{ answered: number; failed: number }> {
  const { text } = await cluster.ask("/metrics", cluster.asAdmin());
  const count = (outcome: string) =>
    Number(new RegExp(`muster_probes_total\\{outcome="${outcome}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
  return { answered: count("answered"), failed: count("failed") };
}

if (import.meta.main) await main(Deno.args);
