/**
 * `GET /v1/explain/{name}`: why a service, a replica or a node is as it is. Whose token is for some services only is told
 * of those, and of a node only if it carries one of them, as if it carried nothing else.
 * @module
 */
import type { NodeState } from "../../cluster/node.ts";
import { nameOf, type ReplicaState } from "../../cluster/replica.ts";
import type { ServiceState } from "../../cluster/state.ts";
import { explainService, type Explanation, type Sight } from "../../plan/explain.ts";
import { explainNode } from "../../plan/explain_node.ts";
import { explainEmptySlot, explainReplica } from "../../plan/explain_replica.ts";
import { VERSION } from "../../runtime/version.ts";
import type { EventView } from "../../wire/api.ts";
import { ExplainedKind, type ExplainView } from "../../wire/explain.ts";
import { STORE_FULL } from "../loop/store_room.ts";
import { sees } from "./access/access.ts";
import { conflict, json, notFound } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { isScoped } from "../people/principal.ts";
import { route } from "./route.ts";

const EVENTS_SHOWN = 20;

export const explainRoutes: readonly Route[] = [route("explain", { scope: "own", handle: getExplanation })];

/** Something that a name may mean. */
type Subject =
  | { kind: "service"; service: ServiceState }
  | { kind: "replica"; service: ServiceState; slot: number; replica: ReplicaState | undefined }
  | { kind: "node"; node: NodeState };

function getExplanation(call: Call): Response {
  const name = call.req.param("name") ?? "";
  const asked = ExplainedKind.optional().parse(call.req.query("kind"));
  const subjects = subjectsCalled(call, name).filter(({ kind }) => asked === undefined || kind === asked);
  const [subject, ...others] = subjects;
  if (subject === undefined) return unknown(call, name, asked);
  if (others.length > 0) {
    const detail = subjects.map((one) => (one.kind === "node" ? `node ${one.node.record.id}` : `${one.kind} ${name}`));
    const hint = 'choose by "kind", or by the id of the node';
    return conflict("ambiguous-name", { title: "Ambiguous name", detail: `${detail.join(", ")}: ${hint}` });
  }
  return json(viewOf(call, subject));
}

function subjectsCalled(call: Call, name: string): Subject[] {
  const { state } = call.var.api;
  const seen = sees(call);
  const subjects: Subject[] = [];
  const service = seen(name) ? state.services.get(name) : undefined;
  if (service !== undefined) subjects.push({ kind: "service", service });
  const replica = replicaCalled(call, name);
  if (replica !== undefined && seen(replica.service.record.name)) subjects.push(replica);
  for (const node of state.nodesByName) {
    if (node.record.name !== name && node.record.id !== name) continue;
    if (!isScoped(call.env.who) || carriesSeen(call, node)) subjects.push({ kind: "node", node });
  }
  return subjects;
}

/** The replica of that id or slot; of several in a slot the one that is meant to stay. */
function replicaCalled(call: Call, name: string): Extract<Subject, { kind: "replica" }> | undefined {
  const { state } = call.var.api;
  const byId = state.replicas.get(name);
  const [, called = byId?.record.service ?? "", slotText] = /^(.+)\.(\d{1,8})$/.exec(name) ?? [];
  const service = state.services.get(called);
  if (service === undefined) return undefined;
  if (byId !== undefined) return { kind: "replica", service, slot: byId.record.slot, replica: byId };
  const slot = Number(slotText);
  const replicas = (service.slots.get(slot) ?? []).flatMap((id) => state.replicas.get(id) ?? []);
  if (replicas.length === 0 && slot >= service.record.desired) return undefined;
  const replica = replicas.find(({ record }) => !record.draining) ?? replicas[0];
  return { kind: "replica", service, slot, replica };
}

function carriesSeen(call: Call, node: NodeState): boolean {
  const seen = sees(call);
  return [...node.perService.keys()].some(seen);
}

function viewOf(call: Call, subject: Subject): ExplainView {
  const { api } = call.var;
  const sight: Sight = { state: api.state, waits: api.waits(), nowMs: api.clock.now(), version: VERSION };
  const { name, id, explanation } = explained(call, subject, sight);
  const { placement, because, ...rest } = explanation;
  const events = api.history.latest(aboutSubject(call, subject), EVENTS_SHOWN);
  const since = (sinceMs: number) => new Date(api.clock.wall() + sinceMs - sight.nowMs).toISOString();
  return {
    kind: subject.kind,
    name,
    ...(id === undefined ? {} : { id }),
    ...rest,
    because: [...(api.isStoreFull() ? [STORE_FULL] : []), ...because, ...obstaclesOf(call, subject)],
    ...(placement === undefined
      ? {}
      : { placement: { node: placement.node, since: since(placement.sinceMs), reason: placement.reason } }),
    events,
  };
}

function obstaclesOf(call: Call, subject: Subject): readonly string[] {
  return subject.kind === "service" ? call.var.api.obstacles(subject.service.record.name) : [];
}

interface Explained {
  name: string;
  id?: string;
  explanation: Explanation;
}

function explained(call: Call, subject: Subject, sight: Sight): Explained {
  switch (subject.kind) {
    case "service":
      return {
        name: subject.service.record.name,
        explanation: hideNodes(call, explainService(sight, subject.service)),
      };
    case "replica": {
      const { service, slot, replica } = subject;
      const name = nameOf({ service: service.record.name, slot });
      if (replica === undefined) return { name, explanation: hideNodes(call, explainEmptySlot(sight, service, slot)) };
      return { name, id: replica.record.id, explanation: hideNodes(call, explainReplica(sight, service, replica)) };
    }
    case "node": {
      const { id, name } = subject.node.record;
      return { name, id, explanation: explainNode(narrowed(call, sight), narrowedNode(call, subject.node)) };
    }
    default:
      return subject satisfies never;
  }
}

/** Which nodes there are is not told to whoever is here for some services only. */
function hideNodes(call: Call, explanation: Explanation): Explanation {
  if (!isScoped(call.env.who)) return explanation;
  const { nodes, ...rest } = explanation;
  const carrying = new Set(
    call.var.api.state.nodesByName.filter((node) => carriesSeen(call, node)).map(({ record }) => record.name),
  );
  return nodes === undefined ? rest : { ...rest, nodes: nodes.filter(({ node }) => carrying.has(node)) };
}

function narrowed(call: Call, sight: Sight): Sight {
  const seen = sees(call);
  return { ...sight, waits: sight.waits.filter(({ service }) => seen(service)) };
}

function narrowedNode(call: Call, node: NodeState): NodeState {
  const seen = sees(call);
  const { replicas } = call.var.api.state;
  const carried = [...node.replicas].filter((id) => seen(replicas.get(id)?.record.service ?? ""));
  return isScoped(call.env.who) ? { ...node, replicas: new Set(carried) } : node;
}

function aboutSubject(call: Call, subject: Subject): (event: EventView) => boolean {
  const seen = sees(call);
  switch (subject.kind) {
    case "service":
      return ({ service }) => service === subject.service.record.name;
    case "replica": {
      const { service, slot, replica } = subject;
      const name = nameOf({ service: service.record.name, slot });
      return (event) =>
        event.service === service.record.name &&
        ((replica !== undefined && event.replica === replica.record.id) || event.text.startsWith(`${name} `));
    }
    case "node": {
      const { id } = subject.node.record;
      return ({ node, service }) => node === id && (service === undefined || seen(service));
    }
    default:
      return subject satisfies never;
  }
}

/** A replica is called by its service and slot, so the services are told for those as well. */
function unknown(call: Call, name: string, kind: ExplainedKind | undefined): Response {
  const { state } = call.var.api;
  const seen = sees(call);
  const services = [...state.services.keys()].filter(seen);
  const nodes = state.nodesByName.filter((node) => !isScoped(call.env.who) || carriesSeen(call, node))
    .map(({ record }) => record.name);
  const known = [...(kind === "node" ? [] : services), ...(kind === undefined || kind === "node" ? nodes : [])];
  return notFound(kind ?? "name", { name, known });
}
