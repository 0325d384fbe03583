/**
 * What operators do in a run, at random: scale, remove and put back, drain and activate, remove a node that is lost and
 * add it again, write both at once, and do so while something goes wrong; `releases` has what they do about generations.
 * @module
 */
import { put, remove } from "../../lib/cluster/record.ts";
import type { ServiceRecord } from "../../lib/cluster/service_record.ts";
import { newNode } from "../../lib/controller/loop/node_record.ts";
import { intBetween } from "../../lib/runtime/random.ts";
import { BOTH, cut } from "./faults.ts";
import type { Host } from "./host.ts";
import { bring, RELEASES, settleRollouts } from "./releases.ts";
import { type Deed, leaderOf, type Stage } from "./stage.ts";
import { type Action, later, nodesIn, serviceIn, servicesIn, write } from "./writing.ts";

const SCALE = { min: 0, max: 8 };
/** So close to each other that the loop is in the middle of a commit. */
const BURST = 8;
const BURST_PAUSE_MS = 5;
/** A process that dies twice is started again a second later; by then its end is known. */
const DIES_AGAIN_MS = 500;
const END_KNOWN_MS = 250;
const HEARS_NOTHING_MS = 5_000;
/** Long enough to be lost, and to be gone from the store before it is back. */
const REMOVED_AFTER_MS = 6_000;
const BACK_AFTER_MS = 8_000;

export const ACTIONS: Record<string, Action> = {
  ...RELEASES,
  "scale": scale,
  "scale a little later": scale,
  "scale again": scale,
  "remove a service and put it back": (stage, deed) => {
    const service = serviceIn(stage, deed);
    if (service === undefined || service.removed) return;
    write(stage, [put({ ...service, removed: true })]);
    later(stage, deed.forMs, () => putBack(stage, service));
  },
  "drain or activate": (stage, deed) => {
    const nodes = nodesIn(stage);
    const node = nodes[intBetween(deed.random, { min: 0, max: Math.max(0, nodes.length - 1) })];
    if (node !== undefined) write(stage, [put({ ...node, draining: !node.draining })]);
  },
  "remove a lost node": (stage, deed) => {
    if (removeLost(stage)) later(stage, deed.forMs, () => addMissingNodes(stage, deed));
  },
  "remove a node that is cut off, and add it once it is back": (stage, deed) => {
    cut(stage, [deed.host], { directions: BOTH, forMs: BACK_AFTER_MS });
    later(stage, REMOVED_AFTER_MS, () => removeLost(stage));
    later(stage, BACK_AFTER_MS, () => addMissingNodes(stage, deed));
  },
  "drain a host that hears nothing and whose processes die": (stage, { host, forMs }) => {
    endAll(host);
    later(stage, DIES_AGAIN_MS, () => endAll(host));
    later(stage, DIES_AGAIN_MS + END_KNOWN_MS, () => {
      cut(stage, [host], { directions: ["to_host"], forMs: HEARS_NOTHING_MS });
      drain(stage, host, true);
    });
    later(stage, HEARS_NOTHING_MS + forMs, () => drain(stage, host, false));
  },
  "writes come in a row": (stage, deed) => {
    for (let number = 0; number < BURST; number++) {
      later(stage, number * BURST_PAUSE_MS, () => scale(stage, deed));
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
  const missing = stage.hosts.filter((host) => !known.has(host.url) && stage.addresses.get(host.name) === host);
  const changes = missing.map(({ url }) => put(newNode(random.uuid(), url, undefined)));
  if (changes.length > 0) write(stage, changes);
}

/** What an operator does before going home: everything that was taken away is there again. */
export function tidyUp(stage: Stage, deed: Pick<Deed, "random">): void {
  addMissingNodes(stage, deed);
  for (const node of nodesIn(stage)) if (node.draining) write(stage, [put({ ...node, draining: false })]);
  for (const service of servicesIn(stage)) if (service.removed) putBack(stage, service);
  settleRollouts(stage);
}

/** Removes a node that is lost. Returns whether there was one. */
function removeLost(stage: Stage): boolean {
  const state = leaderOf(stage)?.loop?.state;
  // What its agent is told then goes to its address, whoever is there.
  if (stage.hosts.some((host) => stage.addresses.get(host.name) !== host)) return false;
  const node = nodesIn(stage).find(({ id }) => state?.nodes.get(id)?.liveness === "lost");
  if (node !== undefined) write(stage, [remove(node)]);
  return node !== undefined;
}

function drain(stage: Stage, { url }: Host, draining: boolean): void {
  const node = nodesIn(stage).find((one) => one.url === url);
  if (node !== undefined && node.draining !== draining) write(stage, [put({ ...node, draining })]);
}

function endAll(host: Host): void {
  for (const process of [...host.table.own]) host.end(process);
}

function scale(stage: Stage, deed: Deed): void {
  const service = serviceIn(stage, deed);
  const desired = intBetween(deed.random, SCALE);
  if (service !== undefined && !service.removed) write(stage, [put({ ...service, desired })]);
}

function putBack(stage: Stage, removed: ServiceRecord): void {
  const present = servicesIn(stage).find(({ name }) => name === removed.name);
  if (present !== undefined && !present.removed) return;
  bring(stage, { ...removed.spec, replicas: removed.desired, env: {} }, "release");
}
