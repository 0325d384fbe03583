/**
 * The cluster's state once more, to be played with: what `apply` does to the copy leaves the original as it is. Records,
 * observations and resources are shared, as they are only ever replaced and never written to.
 * @module
 */
import type { NodeState } from "./node.ts";
import type { ReplicaState } from "./replica.ts";
import type { ClusterState, ServiceState } from "./state.ts";

export function copyState(state: ClusterState): ClusterState {
  const nodesByName = state.nodesByName.map(copyNode);
  return {
    ...state,
    services: new Map([...state.services].map(([name, service]) => [name, copyService(service)])),
    nodes: new Map(nodesByName.map((node) => [node.record.id, node])),
    nodesByName,
    unmarked: new Set(state.unmarked),
    replicas: new Map([...state.replicas].map(([id, replica]): [string, ReplicaState] => [id, { ...replica }])),
    revisions: new Map(state.revisions),
    unheard: new Set(state.unheard),
    massLoss: { ...state.massLoss, turned: new Map(state.massLoss.turned) },
    balance: { ...state.balance, underfilled: new Set(state.balance.underfilled) },
    unsettled: new Set(state.unsettled),
    endpointsChanged: new Set(state.endpointsChanged),
    ordersChanged: new Set(state.ordersChanged),
    // Nobody watches what is only played with.
    touched: undefined,
  };
}

function copyService(service: ServiceState): ServiceState {
  return {
    ...service,
    rollout: service.rollout && { ...service.rollout },
    homes: new Map(service.homes),
    slots: new Map([...service.slots].map(([slot, ids]) => [slot, [...ids]])),
    missing: new Set(service.missing),
    attention: new Set(service.attention),
    successors: new Set(service.successors),
  };
}

function copyNode(node: NodeState): NodeState {
  return {
    ...node,
    drain: node.drain && { ...node.drain },
    replicas: new Set(node.replicas),
    perService: new Map(node.perService),
    going: new Map(node.going),
    reserved: { ...node.reserved },
    nominal: { ...node.nominal },
  };
}
