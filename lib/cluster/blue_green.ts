/**
 * Which replicas of a service that changes over as a whole stand beside it without taking part: the green ones until
 * they are promoted. They get no requests, and stand in for nobody.
 * @module
 */
import type { RolloutPhase } from "./rollout.ts";
import { isPresent } from "./service_record.ts";
import type { ClusterState, ServiceState } from "./state.ts";

/** How far a service is on its way from its blue set to a green one; undefined where there are no two sets. */
export function changingOver({ record, rollout }: ServiceState): RolloutPhase | undefined {
  if (record.spec.update.strategy !== "blue_green" || rollout === undefined) return undefined;
  const { phase, cause, from, to } = rollout.record;
  return to === record.generation && cause === "release" && from !== null ? phase : undefined;
}

/** Whether a replica stands beside a blue one, and waits to be promoted with all its like. */
export function isHeldBack(
  state: ClusterState,
  service: ServiceState,
  { generation, successor_of: predecessor }: { generation: number; successor_of: string | null },
): boolean {
  if (changingOver(service) !== "canary" || !isPresent(service.record, generation)) return false;
  // One that has no blue one beside it is no less needed than those.
  const blue = state.replicas.get(predecessor ?? "")?.record;
  return blue !== undefined && !isPresent(service.record, blue.generation);
}
