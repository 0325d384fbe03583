/**
 * Why a replica is where it is and as it is, or why its slot is empty.
 * @module
 */
import { backoffMs } from "../cluster/backoff.ts";
import { isReady, nameOf, type ReplicaState } from "../cluster/replica.ts";
import { asOf, isPresent, type ServiceRecord, specOf } from "../cluster/service_record.ts";
import { homeOf, isBeingEmptied, isCrashedOut, type ServiceState } from "../cluster/state.ts";
import { formatDuration } from "../runtime/duration.ts";
import { type Explanation, holds, refusalsFor, type Sight, standing, waitWords } from "./explain.ts";
import { generationFor } from "./progress.ts";
import { exitWords } from "./reason.ts";

/** A slot that no replica fills. */
export function explainEmptySlot(sight: Sight, service: ServiceState, slot: number): Explanation {
  const home = homeOf(sight.state, service, { slot, generation: service.record.generation });
  const { name } = service.record;
  const own = waitsOf(sight, { service: name, slot });
  // What holds for one slot that may be anywhere holds for all of them, and is told of the first only.
  const common = sight.waits.filter((wait) => wait.service === name && home === undefined).slice(0, 1);
  const waits = own.length > 0 ? own : common.map(({ reason }) => waitWords({ service: name, slot, reason }));
  const isWanted = slot < service.record.desired && !service.record.removed;
  const reason = isWanted ? waits[0] ?? "it is about to be placed" : `${service.record.desired} are wanted`;
  return {
    summary: `not placed: ${reason}`,
    because: [
      ...holds(sight),
      ...(home === undefined ? [] : [`its data is on node ${home.record.name}`]),
    ],
    ...(isWanted ? { nodes: refusalsFor(sight, service.record, home) } : {}),
    waits,
  };
}

export function explainReplica(sight: Sight, service: ServiceState, replica: ReplicaState): Explanation {
  const { state } = sight;
  const { record, sinceMs } = replica;
  const waits = waitsOf(sight, record);
  const node = state.nodes.get(record.node);
  const home = homeOf(state, service, record);
  const because = [
    ...(record.draining ? [] : [`it is on ${node?.record.name ?? "a removed node"}: ${record.reason}`]),
    ...(home === undefined ? [] : [`its data is on node ${home.record.name}, so it is begun there only`]),
    standing(sight, replica),
    ...nodeLines(sight, replica),
    generationLine(service, replica),
    ...crashLines(service, replica),
    ...successionLines(sight, service, replica),
    ...holds(sight),
  ];
  const isStuck = !record.draining &&
    sight.waits.some((wait) => wait.kind === "blocked" && wait.service === record.service && wait.slot === record.slot);
  return {
    summary: waits[0] ?? standing(sight, replica),
    because,
    placement: { node: node?.record.name ?? record.node, sinceMs, reason: record.reason },
    ...(isStuck ? { nodes: refusalsFor(sight, wantedFor(sight, service, replica), home) } : {}),
    waits,
  };
}

/** What is to be placed for a replica that can't be: its like where it has to leave, else what is to take its place. */
function wantedFor(sight: Sight, service: ServiceState, replica: ReplicaState): ServiceRecord {
  const node = sight.state.nodes.get(replica.record.node);
  const mustLeave = node === undefined || node.liveness === "lost" || isBeingEmptied(node);
  return mustLeave ? asOf(service.record, generationFor(sight, service, replica)) : service.record;
}

function waitsOf({ waits }: Sight, { service, slot }: { service: string; slot: number }): string[] {
  return waits.filter((wait) => wait.service === service && wait.slot === slot).map(waitWords);
}

function nodeLines({ state }: Sight, { record }: ReplicaState): string[] {
  const node = state.nodes.get(record.node);
  if (node === undefined) return ["its node was removed"];
  const { name, draining } = node.record;
  return [
    ...(node.liveness === "ready" ? [] : [`node ${name} is ${node.liveness}${node.cause ? ` (${node.cause})` : ""}`]),
    ...(draining ? [`node ${name} is being drained`] : []),
    ...(node.leaving ? [`the agent of node ${name} is leaving`] : []),
  ];
}

function generationLine({ record: service }: ServiceState, { record }: ReplicaState): string {
  const { generation } = record;
  if (generation === service.generation) return `it runs generation ${generation}, which is the present one`;
  return isPresent(service, generation)
    ? `it runs generation ${generation}, whose processes are as those of the present one, ${service.generation}`
    : `it runs generation ${generation}, and ${service.generation} is to take its place`;
}

function crashLines(service: ServiceState, replica: ReplicaState): string[] {
  const { observed, record } = replica;
  if (observed === undefined) return [];
  const { restarts, crashes, exit, phase } = observed;
  const { restart } = specOf(service.record, record.generation);
  const pauseMs = backoffMs(restart, crashes);
  const isWaiting = crashes > 0 && (phase === "exited" || phase === "pending") && !record.draining;
  return [
    ...(restarts > 0 ? [`it was restarted in place ${restarts} times`] : []),
    ...(crashes > 0 ? [`it crashed ${crashes} times within ${restart.window}; last: ${exitWords(observed)}`] : []),
    ...(crashes === 0 && exit !== null ? [`its last process ended: ${exitWords(observed)}, at ${exit.at}`] : []),
    ...(isWaiting ? [`its next start comes ${formatDuration(pauseMs)} after the last crash (back-off)`] : []),
    ...(isCrashedOut(service, replica) ? [`its ${restart.attempts} attempts here are used up, so it is to move`] : []),
    ...(record.crashes_before > 0 ? [`it was moved here after ${record.crashes_before} crashes elsewhere`] : []),
  ];
}

function successionLines({ state }: Sight, service: ServiceState, { record }: ReplicaState): string[] {
  const predecessor = state.replicas.get(record.successor_of ?? "");
  const successors = (service.slots.get(record.slot) ?? []).flatMap((id) => state.replicas.get(id) ?? [])
    .filter((mate) => mate.record.successor_of === record.id);
  const on = (id: string) => state.nodes.get(id)?.record.name ?? "a removed node";
  return [
    ...(predecessor === undefined || record.draining
      ? []
      : [`it takes over from ${nameOf(record)} on ${on(predecessor.record.node)} once it is ready for long enough`]),
    ...successors.map((successor) =>
      `its successor is on ${on(successor.record.node)}, ` +
      `${
        isReady(successor, state.nodes.get(successor.record.node)) ? "ready" : "not ready yet"
      }: ${successor.record.reason}`
    ),
  ];
}
