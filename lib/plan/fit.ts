/**
 * Why a node refuses a replica, in words: it is not there to be used, it is not what was asked for, it has as many of the
 * service as it may have, or no room is left on it.
 * @module
 */
import { type Constraint, readConstraint } from "../cluster/constraint.ts";
import { isExclusive } from "../cluster/isolation.ts";
import type { Capacity, NodeState } from "../cluster/node.ts";
import type { ServiceRecord } from "../cluster/service_record.ts";
import { fixedPortOf } from "../cluster/surroundings.ts";
import { type NodeFacts, servicesNamed, unmet } from "../cluster/unmet.ts";
import type { Room } from "./room.ts";

/** Sums of fractions of cores are not exact. */
const ROUNDING = 1e-9;

/** A service that is to be placed, with its wishes read once. */
export interface Candidate {
  service: ServiceRecord;
  constraints: readonly Constraint[];
  affinity: readonly Constraint[];
}

export function candidateOf(service: ServiceRecord): Candidate {
  const { constraints, affinity } = service.spec.placement;
  return { service, constraints: constraints.map(wish), affinity: affinity.map(wish) };
}

/** A wish of a spec, which was checked where it entered. */
function wish(text: string): Constraint {
  const read = readConstraint(text);
  if (read.kind === "slip") throw new TypeError(`Cannot place by "${text}": ${read.message}`);
  return read;
}

/** Why nothing new goes to a node, whatever it is. */
export function unfitness(node: NodeState): string | undefined {
  if (node.record.draining) return "it is being drained";
  if (node.leaving) return "it is leaving";
  if (node.liveness === "pending") return "it was not heard yet";
  return node.liveness === "lost" ? "it is lost" : undefined;
}

/** Why a node refuses one more replica, unless it is for lack of room. */
export function obstacle(candidate: Candidate, node: NodeState, room: Room): string | undefined {
  const { service: { name, spec }, constraints } = candidate;
  if (isExclusive(spec) && node.record.features?.includes("isolation") !== true) {
    return "can't isolate: exclusive services need Linux";
  }
  if (spec.artifact !== undefined && node.record.features?.includes("artifacts") !== true) {
    return "its agent can't take artifacts: update it";
  }
  if (constraints.length > 0) {
    const facts = factsOf(node, room);
    const reason = constraints.map((constraint) => unmet(constraint, facts)).find((words) => words !== undefined);
    if (reason !== undefined) return reason;
  }
  const max = spec.placement.max_per_node;
  if (max !== undefined && room.carried(node, name) >= max) return `has ${max} already, which is max_per_node`;
  const port = fixedPortOf(spec);
  if (port !== undefined && room.carried(node, name) > 0) return `has one already, and port ${port} only once`;
  return undefined;
}

/** What a node lacks for one more replica of this size. `coming` is what will be free on it soon. */
export function shortage(
  { cpu, memory }: Capacity,
  node: NodeState,
  { room, coming = { cpu: 0, memory: 0 } }: { room: Room; coming?: Capacity },
): string | undefined {
  if (cpu === 0 && memory === 0) return undefined;
  const total = room.total(node);
  const free = room.free(node);
  if (cpu > 0 && cpu > free.cpu + coming.cpu + ROUNDING) {
    return cpu > total.cpu + ROUNDING
      ? `needs ${cpu} cores, it has ${total.cpu} in all`
      : `needs ${cpu} cores, ${Math.max(0, free.cpu).toFixed(2)} of ${total.cpu} are free`;
  }
  if (memory > 0 && memory > free.memory + coming.memory + ROUNDING) {
    return memory > total.memory + ROUNDING
      ? `needs ${memory} MiB, it has ${total.memory} in all`
      : `needs ${memory} MiB, ${Math.max(0, Math.floor(free.memory))} of ${total.memory} are free`;
  }
  return undefined;
}

/** How much of what is preferred holds of a node; `which` leaves wishes out. */
export function preference(
  { affinity }: Candidate,
  node: NodeState,
  { room, which = () => true }: { room: Room; which?: (wish: Constraint) => boolean },
): number {
  if (affinity.length === 0) return 0;
  const facts = factsOf(node, room);
  return affinity.reduce((sum, wish) => sum + (which(wish) && unmet(wish, facts) === undefined ? wish.weight : 0), 0);
}

/** Whether what is wished can change while a plan is made. */
export function isAboutServices(wish: Constraint): boolean {
  return servicesNamed(wish).length > 0;
}

/** What is known of a node for wishes. */
export function factsOf(node: NodeState, room: Room): NodeFacts {
  const { record } = node;
  return {
    valueOf: (subject) => {
      switch (subject) {
        case "node.name":
          return record.name;
        case "node.os":
          return record.system?.os;
        case "node.arch":
          return record.system?.arch;
        case "cpu":
          return String(record.capacity.cpu);
        case "memory":
          return String(record.capacity.memory);
        default:
          return Object.hasOwn(record.labels, subject) ? record.labels[subject] : undefined;
      }
    },
    carries: (service) => room.carried(node, service) > 0,
  };
}
