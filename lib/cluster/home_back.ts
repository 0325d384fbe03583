/**
 * A node that is back, or takes replicas again, and the rollouts that may have waited for it: their deadlines count from
 * then on, as nothing could be done about the slots whose data is there.
 * @module
 */
import { isUnderWay } from "./rollout.ts";
import type { ClusterState } from "./state.ts";

export function noteHomeBack(state: ClusterState, node: string, atMs: number): void {
  for (const name of state.unsettled) {
    const service = state.services.get(name);
    if (service?.rollout === undefined || !isUnderWay(service.rollout)) continue;
    if ([...service.homes.values()].includes(node)) service.rollout.progressMs = atMs;
  }
}
