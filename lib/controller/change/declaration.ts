/**
 * A spec as an operator gave it, made into changes of the store: where the scale is left out the present one stays, and
 * what becomes other is told field by field. Touches nothing; the caller commits, or only shows.
 * @module
 */
import type { Change } from "../../cluster/record.ts";
import { ServiceSpec } from "../../cluster/service.ts";
import type { Origin, ServiceRecord } from "../../cluster/service_record.ts";
import { changesBetween, differencesBetween } from "../../cluster/spec_change.ts";
import type { ClusterState } from "../../cluster/state.ts";
import type { Applied, Difference, Planned } from "../../wire/change.ts";
import type { SpecGiven } from "../../wire/specs.ts";
import { type Release, release } from "./release.ts";

/** What a spec makes of a service, beside what it was. */
export interface Declaration extends Release {
  former: ServiceRecord | undefined;
}

/** Makes the service run by what was given. */
export function declare(state: ClusterState, given: SpecGiven, origin: Origin & { at: string }): Declaration {
  const former = state.services.get(given.name)?.record;
  const replicas = given.replicas ?? former?.desired;
  const spec = ServiceSpec.parse({ ...given, ...(replicas === undefined ? {} : { replicas }) });
  if (former !== undefined && given.replicas === undefined && isAsBefore(former, spec)) {
    return { outcome: "unchanged", record: former, changes: [], former };
  }
  return { ...release(state, spec, origin), former };
}

/** A scale that was changed since the spec was given is none of the spec's, unless it names one. */
function isAsBefore({ removed, spec: before }: ServiceRecord, spec: ServiceSpec): boolean {
  return !removed && isAlike(before, spec);
}

function isAlike(before: ServiceSpec, spec: ServiceSpec): boolean {
  return changesBetween(before, spec).every((path) => path === "replicas");
}

/** The generation that ran the spec before and was given up, whatever its scale; undefined where it runs again. */
export function givenUpBefore(state: ClusterState, given: SpecGiven): number | undefined {
  const record = state.services.get(given.name)?.record;
  const spec = ServiceSpec.parse(given);
  if (record === undefined || record.removed || isAsBefore(record, spec)) return undefined;
  return record.history.findLast((former) => former.failed && isAlike(former.spec, spec))?.generation;
}

/** The changes of several declarations together. */
export function changesOf(declarations: readonly Declaration[]): Change[] {
  return declarations.flatMap(({ changes }) => changes);
}

/** What an apply answers of a service; `revision` is the one of its record then. */
export function appliedView(declaration: Declaration, revision: number): Applied["services"][number] {
  const { outcome, record: { name, generation, desired } } = declaration;
  return { name, outcome, generation, desired, changes: fieldsOf(declaration), revision };
}

/** What a plan answers of a service. */
export function plannedView(declaration: Declaration): Planned["services"][number] {
  const { outcome, record: { name, generation } } = declaration;
  return { name, outcome, generation, changes: fieldsOf(declaration), diff: differences(declaration) };
}

function fieldsOf(declaration: Declaration): string[] {
  return differences(declaration).map(({ path }) => path).filter((path) => path !== "");
}

function differences({ former, outcome, record }: Declaration): Difference[] {
  if (outcome === "unchanged") return [];
  const after = { ...record.spec, replicas: record.desired };
  if (former === undefined) return [{ path: "", before: null, after }];
  const before = { ...former.spec, replicas: former.desired };
  return differencesBetween(before, after);
}
