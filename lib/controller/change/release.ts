/**
 * What it takes to make a service run by a spec, as changes of the store: a new service, a new generation with the
 * rollout that brings it about, or no more than another scale. Every way to change a service ends here: the API, the
 * files that are kept applied, and a rollback that nobody asked for. Touches nothing; the caller commits.
 * @module
 */
import { type Change, put } from "../../cluster/record.ts";
import { isUnderWay, type RolloutRecord } from "../../cluster/rollout.ts";
import type { ServiceSpec } from "../../cluster/service.ts";
import {
  firstGeneration,
  generationOf,
  isPresent,
  nextGeneration,
  type Origin,
  type ServiceRecord,
} from "../../cluster/service_record.ts";
import { changesBetween } from "../../cluster/spec_change.ts";
import type { ClusterState, ServiceState } from "../../cluster/state.ts";

/** What a spec makes of a service. */
export interface Release {
  outcome: "created" | "changed" | "scaled" | "unchanged";
  record: ServiceRecord;
  changes: Change[];
}

/** Makes the service run by the spec. `origin.at` is the present time, for people to read. */
export function release(state: ClusterState, spec: ServiceSpec, origin: Origin & { at: string }): Release {
  const service = state.services.get(spec.name);
  if (service === undefined) {
    const record = firstGeneration(spec, origin);
    return { outcome: "created", record, changes: [put(record)] };
  }
  const known = service.record;
  const changes = changesBetween(known.spec, spec);
  if (known.removed || origin.cause !== "release" || changes.some((path) => path !== "replicas")) {
    return { outcome: "changed", ...generationAfter(service, spec, origin) };
  }
  const record = { ...known, spec, desired: spec.replicas };
  if (known.desired === spec.replicas && changes.length === 0) return { outcome: "unchanged", record, changes: [] };
  return { outcome: "scaled", record, changes: [put(record)] };
}

function generationAfter(service: ServiceState, spec: ServiceSpec, origin: Origin & { at: string }) {
  const from = lastGood(service);
  const { rollout: before } = service;
  const failed = before?.record.phase === "failed" || (isUnderWay(before) && origin.cause === "rollback");
  // A pause is the operator's: another spec does not end it.
  const pause = isUnderWay(before) && before?.record.paused && origin.cause === "release" ? before.record : undefined;
  const record = nextGeneration(service.record, spec, { origin, keep: from, failed });
  const tried = origin.cause === "release" && (spec.update.canary > 0 || spec.update.strategy === "blue_green");
  const rollout: RolloutRecord = {
    type: "rollout",
    service: spec.name,
    cause: origin.cause,
    from,
    to: record.generation,
    // What runs no other processes than before needs no trial.
    phase: tried && from !== null && !isPresent(record, from) ? "canary" : "rolling",
    paused: pause !== undefined,
    began: origin.at,
    changed: origin.at,
    reason: pause?.reason ?? "",
    last_words: [],
  };
  return { record, changes: [put(record), put(rollout)] };
}

/** The generation to go back to: the present one, unless it has yet to prove itself. */
export function lastGood({ record, rollout, slots }: ServiceState): number | null {
  // Nothing shows that a service without replicas works; going back to it would mend nothing.
  if (record.desired === 0 && slots.size === 0) return null;
  const unproven = isUnderWay(rollout) || rollout?.record.phase === "failed";
  const good = rollout !== undefined && unproven ? rollout.record.from : record.generation;
  return good !== null && generationOf(record, good) !== undefined ? good : null;
}
