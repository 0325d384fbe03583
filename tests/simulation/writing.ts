/**
 * How operators write: through the leader, by what it knows, as the API does; and what they find in the store.
 * @module
 */
import type { NodeRecord } from "../../lib/cluster/node.ts";
import type { Change } from "../../lib/cluster/record.ts";
import type { ServiceRecord } from "../../lib/cluster/service_record.ts";
import { intBetween } from "../../lib/runtime/random.ts";
import { type Deed, leaderOf, type Stage } from "./stage.ts";

/** Something that operators do. */
export type Action = (stage: Stage, deed: Deed) => void;

export function write(stage: Stage, changes: Change[], expectedRevision?: number) {
  const leader = leaderOf(stage);
  const outcome = leader?.write(changes, expectedRevision) ?? "refused";
  for (const change of changes) {
    const what = change.op === "delete" ? `delete ${change.key}` : wordsOf(change.record);
    stage.note(`operator: ${what}: ${outcome}`);
  }
  if (outcome === "acknowledged") stage.judge.durability.acknowledged(changes);
  return outcome;
}

export function serviceIn(stage: Stage, { random }: Deed): ServiceRecord | undefined {
  const services = servicesIn(stage);
  return services[intBetween(random, { min: 0, max: Math.max(0, services.length - 1) })];
}

export function servicesIn({ ledger }: Stage): ServiceRecord[] {
  return [...ledger.records.values()].flatMap(({ record }) => record.type === "service" ? [record] : []);
}

export function nodesIn({ ledger }: Stage): NodeRecord[] {
  return [...ledger.records.values()].flatMap(({ record }) => record.type === "node" ? [record] : []);
}

function wordsOf(record: Extract<Change, { op: "put" }>["record"]): string {
  if (record.type === "service") {
    const { name, desired, generation, removed } = record;
    return `${name} to ${desired} at generation ${generation}${removed ? ", removed" : ""}`;
  }
  if (record.type === "rollout") {
    return `the ${record.cause} of ${record.service} is ${record.phase}${record.paused ? ", paused" : ""}`;
  }
  return record.type === "node" ? `${record.name} ${record.draining ? "drains" : "is active"}` : record.type;
}

/** What an operator means to do later, unless they have gone home by then. */
export function later(stage: Stage, delayMs: number, run: () => void): void {
  stage.timeline.after(delayMs, () => {
    if (!stage.isCalm()) run();
  });
}
