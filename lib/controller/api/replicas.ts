/**
 * `/v1/replicas`: the single processes, and where the ready ones are reached.
 * @module
 */
import { endpointsOf } from "../../cluster/endpoint.ts";
import type { ReplicaState } from "../../cluster/replica.ts";
import { MAIN_PORT } from "../../cluster/surroundings.ts";
import type { EndpointList } from "../../wire/api.ts";
import { outside, sees, unknownService } from "./access/access.ts";
import { json, notFound } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { nodeCalled } from "./nodes.ts";
import { answerPage } from "./page.ts";
import { isScoped } from "../people/principal.ts";
import { route } from "./route.ts";
import { serviceIn } from "./services.ts";
import { replicaRevision, replicasOf, replicaView } from "./views.ts";

export const replicaRoutes: readonly Route[] = [
  route("listReplicas", { scope: "own", handle: listReplicas }),
  route("getReplica", { scope: "own", handle: getReplica }),
  route("listEndpoints", { scope: "named", handle: getEndpoints }),
];

/** Slots are sorted as numbers by giving them all the digits they may have. */
const SLOT_DIGITS = 8;

function listReplicas(call: Call): Response {
  const { api } = call.var;
  const items = replicasWanted(call, { service: call.req.query("service"), node: call.req.query("node") });
  if (items instanceof Response) return items;
  const seen = sees(call);
  return answerPage(call, {
    items: items.filter(({ record }) => seen(record.service)),
    keyOf: ({ record }) => `${record.service} ${String(record.slot).padStart(SLOT_DIGITS, "0")} ${record.id}`,
    viewOf: (replica) => replicaView(api, replica),
  });
}

function replicasWanted(
  call: Call,
  wanted: { service: string | undefined; node: string | undefined },
): ReplicaState[] | Response {
  const { state } = call.var.api;
  const node = wanted.node === undefined ? undefined : nodeCalled(state, wanted.node);
  // Which nodes there are is not told to whoever is here for some services only.
  if (node instanceof Response) return isScoped(call.env.who) ? [] : node;
  if (wanted.service === undefined) {
    if (node === undefined) return [...state.replicas.values()];
    return [...node.replicas].flatMap((id) => state.replicas.get(id) ?? []);
  }
  const foreign = outside(call, wanted.service);
  if (foreign !== undefined) return foreign;
  const service = state.services.get(wanted.service);
  if (service === undefined) return unknownService(call, wanted.service);
  return replicasOf(state, service).filter(({ record }) => node === undefined || record.node === node.record.id);
}

function getReplica(call: Call): Response {
  const replica = replicaIn(call);
  if (replica instanceof Response) return replica;
  const { api } = call.var;
  return json(replicaView(api, replica), { revision: replicaRevision(api.state, replica.record.id) });
}

function getEndpoints(call: Call): Response {
  const { state } = call.var.api;
  const service = serviceIn(call);
  if (service instanceof Response) return service;
  const { name } = service.record;
  const list: EndpointList = {
    service: name,
    revision: state.revision,
    endpoints: endpointsOf(state, name).map(({ replica, slot, node, nodeUrl, port, suspect, fence }) => ({
      replica,
      slot,
      node,
      address: new URL(nodeUrl).hostname,
      agent: nodeUrl,
      ports: { [MAIN_PORT]: port, ...state.replicas.get(replica)?.observed?.ports },
      ready: true,
      suspect,
      fence,
    })),
  };
  return json(list);
}

/** The replica that the path names. */
export function replicaIn(call: Call): ReplicaState | Response {
  const id = call.req.param("id") ?? "";
  const replica = call.var.api.state.replicas.get(id);
  if (replica === undefined) return notFound("replica", { name: id });
  return outside(call, replica.record.service) ?? replica;
}
