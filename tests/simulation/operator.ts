/**
 * What operators do in a run, at random: scale, release, restart, remove and put back, drain and activate, remove a node
 * that is lost and add it again, and write both at once.
 * @module
 */
import type { NodeRecord } from "../../lib/cluster/node.ts";
import { type Change, put, remove } from "../../lib/cluster/record.ts";
import { nextGeneration, type Origin, type ServiceRecord } from "../../lib/cluster/service_record.ts";
import { newNode } from "../../lib/controller/node_record.ts";
import { intBetween } from "../../lib/runtime/random.ts";
import { type Deed, leaderOf, type Stage } from "./stage.ts";

type Action = (stage: Stage, deed: Deed) => void;

const SCALE = { min: 0, max: 8 };
/** So close to each other that the loop is in the middle of a commit. */
const BURST = 8;
const BURST_PAUSE_MS = 5;
const RESTART: Origin = { at: null, by: null, cause: "restart" };
const RELEASE: Origin = { at: null, by: null, cause: "release" };

export const ACTIONS: Record<string, Action> = {
  "scale": scale,
  "scale a little later": scale,
  "scale again": scale,
  "release": (stage, deed) => {
    const service = serviceIn(stage, deed);
    if (service === undefined) return;
    const env = { RELEASE: String(service.generation) };
    write(stage, [put(generationAfter(service, { ...service.spec, env }, RELEASE))]);
  },
  "restart a service": (stage, deed) => {
    const service = serviceIn(stage, deed);
    if (service !== undefined) write(stage, [put(generationAfter(service, service.spec, RESTART))]);
  },
  "remove a service and put it back": (stage, deed) => {
    const service = serviceIn(stage, deed);
    if (service === undefined || service.removed) return;
    write(stage, [put({ ...service, removed: true })]);
    stage.timeline.after(deed.forMs, () => putBack(stage, service));
  },
  "drain or activate": (stage, deed) => {
    const nodes = nodesIn(stage);
    const node = nodes[intBetween(deed.random, { min: 0, max: Math.max(0, nodes.length - 1) })];
    if (node !== undefined) write(stage, [put({ ...node, draining: !node.draining })]);
  },
  "remove a lost node": (stage, deed) => {
    const state = leaderOf(stage)?.loop?.state;
    const node = nodesIn(stage).find(({ id }) => state?.nodes.get(id)?.liveness === "lost");
    if (node === undefined) return;
    write(stage, [remove(node)]);
    stage.timeline.after(deed.forMs, () => addMissingNodes(stage, deed));
  },
  "writes come in a row": (stage, deed) => {
    for (let number = 0; number < BURST; number++) {
      stage.timeline.after(number * BURST_PAUSE_MS, () => scale(stage, deed));
    }
  },
  "two write at once": (stage, deed) => {
    const service = serviceIn(stage, deed);
    const leader = leaderOf(stage);
    if (service === undefined || leader === undefined) return;
    const { revision } = stage.ledger;
    const desired = [service.desired + 1, Math.max(0, service.desired - 1)];
    const won = desired.filter((one) => write(stage, [put({ ...service, desired: one })], revision) === "acknowledged");
    if (won.length > 1) stage.judge.wrong(1, "two writes with the same expected revision were both done");
  },
};

/** Nodes that were removed come back under new ids. */
export function addMissingNodes(stage: Stage, { random }: Pick<Deed, "random">): void {
  const known = new Set(nodesIn(stage).map(({ url }) => url));
  const changes = stage.hosts.filter(({ url }) => !known.has(url)).map(({ url }) =>
    put(newNode(random.uuid(), url, undefined))
  );
  if (changes.length > 0) write(stage, changes);
}

/** What an operator does before going home: everything that was taken away is there again. */
export function tidyUp(stage: Stage, deed: Pick<Deed, "random">): void {
  addMissingNodes(stage, deed);
  for (const node of nodesIn(stage)) if (node.draining) write(stage, [put({ ...node, draining: false })]);
  for (const service of servicesIn(stage)) if (service.removed) putBack(stage, service);
}

function scale(stage: Stage, deed: Deed): void {
  const service = serviceIn(stage, deed);
  const desired = intBetween(deed.random, SCALE);
  if (service !== undefined && !service.removed) write(stage, [put({ ...service, desired })]);
}

function putBack(stage: Stage, removed: ServiceRecord): void {
  const present = servicesIn(stage).find(({ name }) => name === removed.name);
  if (present !== undefined && !present.removed) return;
  write(stage, [put(generationAfter(present ?? removed, removed.spec, RELEASE))]);
}

function generationAfter(service: ServiceRecord, spec: ServiceRecord["spec"], origin: Origin): ServiceRecord {
  return { ...nextGeneration(service, spec, { origin }), desired: service.desired };
}

function write(stage: Stage, changes: Change[], expectedRevision?: number) {
  const leader = leaderOf(stage);
  const outcome = leader?.write(changes, expectedRevision) ?? "refused";
  for (const change of changes) {
    const what = change.op === "delete" ? `delete ${change.key}` : wordsOf(change.record);
    stage.note(`operator: ${what}: ${outcome}`);
  }
  if (outcome === "acknowledged") stage.judge.durability.acknowledged(changes);
  return outcome;
}

function wordsOf(record: Extract<Change, { op: "put" }>["record"]): string {
  if (record.type === "service") {
    const { name, desired, generation, removed } = record;
    return `${name} to ${desired} at generation ${generation}${removed ? ", removed" : ""}`;
  }
  return record.type === "node" ? `${record.name} ${record.draining ? "drains" : "is active"}` : record.type;
}

function serviceIn(stage: Stage, { random }: Deed): ServiceRecord | undefined {
  const services = servicesIn(stage);
  return services[intBetween(random, { min: 0, max: Math.max(0, services.length - 1) })];
}

function servicesIn({ ledger }: Stage): ServiceRecord[] {
  return [...ledger.records.values()].flatMap(({ record }) => record.type === "service" ? [record] : []);
}

function nodesIn({ ledger }: Stage): NodeRecord[] {
  return [...ledger.records.values()].flatMap(({ record }) => record.type === "node" ? [record] : []);
}
