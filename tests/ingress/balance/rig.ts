/** Endpoints, policies and questions for tests of the balancing, short to write. */
import type { z } from "zod";
import type { Endpoint } from "../../../lib/cluster/endpoint.ts";
import { Route } from "../../../lib/cluster/route.ts";
import { Balancer, type Outcome } from "../../../lib/ingress/balance/balancer.ts";
import { type Candidate, newCandidate } from "../../../lib/ingress/balance/candidate.ts";
import type { Ask, Choice } from "../../../lib/ingress/balance/choice.ts";
import { type Policy, policyOf } from "../../../lib/ingress/balance/policy.ts";
import { type Tier, tierOf } from "../../../lib/ingress/balance/tier.ts";
import { seededRandom } from "../../../lib/runtime/random.ts";

/** The replica `r<n>`, which is slot n. */
export function endpoint(n: number, fields: Partial<Endpoint> = {}): Endpoint {
  const place = { node: "n1", nodeUrl: "http://n1:1", port: 20_000 + n, ports: {}, tcp: [] };
  return { replica: `r${n}`, slot: n, ...place, fence: 1, suspect: false, ...fields };
}

/** The replicas r0, r1 and so on. */
export function endpoints(count: number): Endpoint[] {
  return Array.from({ length: count }, (_, n) => endpoint(n));
}

export function policy(fields: z.input<typeof Route> = {}): Policy {
  return policyOf(Route.parse(fields), "web");
}

export function ask(fields: Partial<Ask> = {}): Ask {
  return { nowMs: 0, chance: chanceOf(1), exclude: [], ...fields };
}

export function choice(fields: Partial<Choice> = {}): Choice {
  return { policy: policy(), ask: ask(), slowStartMs: 0, withEjected: false, ...fields };
}

export function chanceOf(seed: number): () => number {
  const random = seededRandom(seed);
  return () => random.next();
}

export function candidate(n: number, fields: Partial<Candidate> = {}): Candidate {
  return Object.assign(newCandidate(endpoint(n), 0), fields);
}

/** Candidates with so many requests under way each. */
export function busy(...inFlight: number[]): Tier {
  return tierOf(inFlight.map((count, n) => candidate(n, { inFlight: count })));
}

export function balancerOf(given: readonly Endpoint[], nowMs = 0): Balancer {
  const balancer = new Balancer();
  balancer.replace(given, nowMs);
  return balancer;
}

/** The replica that is picked, or why none is. */
export function pickName(balancer: Balancer, by: Policy, asked: Partial<Ask> = {}): string {
  const picked = balancer.pick(by, ask(asked));
  return picked.kind === "picked" ? picked.candidate.endpoint.replica : picked.kind;
}

/** Sends so many requests to this replica, one after the other, that end like this. */
export function send(
  balancer: Balancer,
  replica: string,
  { by, outcome, nowMs = 0, times = 1 }: { by: Policy; outcome: Outcome; nowMs?: number; times?: number },
): void {
  const target = candidateOf(balancer, replica);
  for (let time = 0; time < times; time++) {
    balancer.begin(target);
    balancer.end(target, { nowMs, tookMs: 1, outcome, policy: by });
  }
}

export function candidateOf(balancer: Balancer, replica: string): Candidate {
  const found = [...balancer.candidates].find(({ endpoint }) => endpoint.replica === replica);
  if (found === undefined) throw new Error(`Cannot find replica "${replica}": it is none of the candidates`);
  return found;
}

/** How often each was picked. */
export function tally(names: Iterable<string | undefined>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name ?? "none"] = (counts[name ?? "none"] ?? 0) + 1;
  return counts;
}

/** What so many calls give. */
export function repeat<T>(count: number, call: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => call(at));
}
