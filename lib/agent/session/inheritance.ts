/**
 * What a session begins with when its agent was restarted: the replicas of the remembered orders, joined with the
 * processes that were found alive and those that had ended meanwhile.
 * @module
 */
import { ServiceSpec } from "../../cluster/service.ts";
import type { Order } from "../../wire/protocol.ts";
import type { AdoptedInstance, EndedInstance, InstanceRecord, SessionStart } from "./effect.ts";
import { afterCrash, type Held, newlyHeld, type Stage } from "./held.ts";
import { type Readiness, readinessOfOrphan, readinessTakenOver } from "./readiness.ts";
import { NO_ROLES } from "./roles.ts";

/** The replicas that a session holds from its start. */
export function heldAfterAdoption(start: SessionStart): Held[] {
  const orders = new Map(start.memory.replicas.map((order) => [order.assignment.id, order]));
  const adopted = new Map(start.adopted.map((instance) => [instance.replica, instance]));
  const gone = new Map(start.ended.map((record) => [record.replica, record]));
  const held = [...orders.values()].map((order) => {
    const alive = adopted.get(order.assignment.id);
    const dead = gone.get(order.assignment.id);
    if (alive !== undefined) return takeOver(order, alive, start);
    return dead === undefined ? newlyHeld(order, start.nowMs) : takeOverEnded(order, dead, start);
  });
  const orphans = start.adopted.filter((instance) => !orders.has(instance.replica));
  return [...held, ...orphans.map((instance) => takeOverOrphan(instance, start))];
}

function takeOver(order: Order, record: AdoptedInstance, start: SessionStart): Held {
  const upMs = upMsOf(record, start);
  const readiness = readinessTakenOver(order.spec, { upMs, nowMs: start.nowMs });
  return { ...inherited(order, record, { start, upMs }), stage: upAs(record, readiness, start) };
}

/** A process that no order names: it is held as it is, until the first list decides, or its isolation does. */
function takeOverOrphan(record: AdoptedInstance, start: SessionStart): Held {
  const upMs = upMsOf(record, start);
  const readiness = readinessOfOrphan({ upMs, nowMs: start.nowMs });
  const held = inherited(orderOfOrphan(record, start), record, { start, upMs });
  return { ...held, ordered: false, stage: upAs(record, readiness, start) };
}

function upMsOf({ startedAt, ageMs }: AdoptedInstance, { wall }: SessionStart): number {
  return ageMs ?? Math.max(0, Date.parse(wall) - Date.parse(startedAt));
}

function upAs(record: AdoptedInstance, readiness: Readiness, start: SessionStart): Stage {
  const { instance: id, pid, port, ports, startedAt } = record;
  const startedMs = start.nowMs - upMsOf(record, start);
  return { kind: "up", instance: { id, pid, port, ports, startedMs, startedAt, readiness, roles: NO_ROLES } };
}

function takeOverEnded(order: Order, record: EndedInstance, start: SessionStart): Held {
  const held = { ...inherited(order, record, { start, upMs: 0 }), lastWords: record.lastWords ?? [] };
  const exit = { code: null, signal: null, at: start.wall };
  const reason = "ended while its agent was away";
  if (order.assignment.draining) return { ...held, stage: { kind: "ended", exit, reason } };
  held.stage = afterCrash(held, { exit, reason, nowMs: start.nowMs });
  held.restarts += 1;
  return held;
}

function inherited(order: Order, record: InstanceRecord, from: { start: SessionStart; upMs: number }): Held {
  return {
    ...newlyHeld(order, from.start.nowMs),
    restartSeq: record.restartSeq,
    restarts: record.restarts,
    sinceMs: from.start.nowMs - from.upMs,
    crashesMs: record.crashAgesMs.map((ageMs) => from.start.nowMs - from.upMs - ageMs),
  };
}

function orderOfOrphan(record: AdoptedInstance, start: SessionStart): Order {
  const { node = start.identity, ...rules } = record.isolation ?? {};
  return {
    assignment: {
      type: "assignment",
      id: record.replica,
      service: record.service,
      slot: record.slot,
      generation: 1,
      node,
      fence: 0,
      restart_seq: record.restartSeq,
      draining: false,
      successor_of: null,
      crashes_before: 0,
      reason: "found running, and no order names it",
    },
    spec: ServiceSpec.parse({ name: record.service, command: ["unknown"], ...rules }),
  };
}
