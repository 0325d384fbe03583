/**
 * What an agent is told to run: the whole list for its node, as the store has it committed.
 * @module
 */
import { toldToAll } from "../../cluster/address.ts";
import { isExclusive } from "../../cluster/isolation.ts";
import type { AssignmentRecord } from "../../cluster/replica.ts";
import { specOf } from "../../cluster/service_record.ts";
import type { ClusterState, ServiceState } from "../../cluster/state.ts";
import type { Ack, Orders } from "../../wire/protocol.ts";

export interface OrdersFor {
  node: string;
  /** The last answer of its agent that was received. */
  ack: Ack | undefined;
  /** Who answered there last. */
  identity: string | undefined;
}

export function ordersFor(state: ClusterState, { node: id, ack, identity }: OrdersFor): Orders {
  const node = state.nodes.get(id);
  const replicas = [...node?.replicas ?? []].flatMap((replica) => {
    const assignment = state.replicas.get(replica)?.record;
    const service = assignment && state.services.get(assignment.service);
    if (assignment === undefined || service === undefined || isWithheld(state, service, assignment)) return [];
    return [{ assignment, spec: specOf(service.record, assignment.generation) }];
  });
  const { cluster, epoch, revision } = state;
  const services = toldToAll(state.services);
  const orders = { cluster, epoch, revision, node: node?.record.name ?? "", replicas, services };
  return { ...orders, ...ack && { ack }, ...identity !== undefined && { identity } };
}

/** Of an exclusive service nobody is told to begin what is still assigned elsewhere as well: that one may yet live. */
function isWithheld(state: ClusterState, service: ServiceState, { id, slot, fence, generation }: AssignmentRecord) {
  if (!isExclusive(specOf(service.record, generation))) return false;
  const mates = (service.slots.get(slot) ?? []).flatMap((mate) => state.replicas.get(mate)?.record ?? []);
  return mates.some((mate) => mate.id !== id && mate.fence < fence);
}
