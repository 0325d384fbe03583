/**
 * The operator's hand on a rollout that is under way: what a word makes of it, or why it can't. Touches nothing; the
 * route that heard the word (`releases.ts`) commits what comes of it.
 * @module
 */
import { endpointsOf } from "../../cluster/endpoint.ts";
import { isReady } from "../../cluster/replica.ts";
import type { RolloutRecord } from "../../cluster/rollout.ts";
import { isPresent } from "../../cluster/service_record.ts";
import type { ClusterState, ServiceState } from "../../cluster/state.ts";
import { replicasOf } from "./views.ts";

/** What a word is about, and who says it. */
export interface Steered {
  state: ClusterState;
  service: ServiceState;
  rollout: RolloutRecord;
  by: string;
  /** Whether it is to be done although it leaves fewer replicas to serve. */
  forced: boolean;
}

/** What becomes of a rollout: another record, a refusal, or nothing as it is so already. */
export type Steering = (steered: Steered) => RolloutRecord | Refused | "unchanged";

export interface Refused {
  refused: "no-rollout" | "not-ready-to-promote";
  detail: string;
}

export function pause({ rollout, by }: Steered): ReturnType<Steering> {
  return rollout.paused ? "unchanged" : { ...rollout, paused: true, reason: `paused by ${by}` };
}

export function resume({ rollout, by }: Steered): ReturnType<Steering> {
  return rollout.paused ? { ...rollout, paused: false, reason: `resumed by ${by}` } : "unchanged";
}

export function promote({ state, service, rollout, by, forced }: Steered): ReturnType<Steering> {
  if (rollout.phase !== "canary") {
    const detail = "nothing is being tried that could be promoted: all replicas are being updated";
    return { refused: "no-rollout", detail };
  }
  if (rollout.paused) return { refused: "no-rollout", detail: "its rollout is paused: resume it first" };
  const { ready, needed } = readinessOf(state, service);
  if (ready < needed && !forced) {
    const detail =
      `${ready} of the ${needed} replicas of generation ${rollout.to} that it takes are ready: wait until ` +
      "they are, roll back, or promote with ?force=true, which may leave too few to serve";
    return { refused: "not-ready-to-promote", detail };
  }
  return { ...rollout, phase: "rolling", reason: `promoted by ${by}` };
}

/** How much of what is tried is ready, and how much has to be, so that no fewer serve after the promotion. */
function readinessOf(state: ClusterState, service: ServiceState): { ready: number; needed: number } {
  const { name, spec: { update } } = service.record;
  const tried = replicasOf(state, service).filter(({ record }) =>
    !record.draining && isPresent(service.record, record.generation)
  );
  const ready = tried.filter((replica) => isReady(replica, state.nodes.get(replica.record.node)));
  const serving = endpointsOf(state, name).length;
  // Canaries stay beside the others, which are replaced in steps afterwards; a green set takes over alone.
  const needed = update.strategy === "blue_green" ? serving : Math.min(update.canary, serving);
  return { ready: new Set(ready.map(({ record }) => record.slot)).size, needed };
}
