/**
 * `/v1/nodes`: the hosts. A removed one is forgotten, and what was assigned to it is placed elsewhere; how one is drained
 * and labelled is in `node_life.ts`.
 * @module
 */
import type { NodeRecord, NodeState } from "../../cluster/node.ts";
import { type Change, put, remove } from "../../cluster/record.ts";
import type { ClusterState } from "../../cluster/state.ts";
import { NODE_VALID_MS } from "../identity/authority.ts";
import { RENEW_GRACE_MS } from "../identity/node_credentials.ts";
import { conflict, json, notFound } from "./answer.ts";
import type { ApiContext, Call, Route } from "./context.ts";
import { answerPage } from "./page.ts";
import { unmetCondition } from "./precondition.ts";
import { flagIn } from "./query.ts";
import { postNode } from "./register.ts";
import { route } from "./route.ts";
import { transact } from "./transact.ts";
import { nodeRevision, nodeView } from "./views.ts";

export const nodeRoutes: readonly Route[] = [
  route("listNodes", { handle: listNodes }),
  route("registerNode", { handle: postNode }),
  route("getNode", { handle: getNode }),
  route("deleteNode", { handle: deleteNode }),
];

function listNodes(call: Call): Response {
  const { api } = call.var;
  return answerPage(call, {
    items: api.state.nodesByName,
    keyOf: ({ record }) => `${record.name} ${record.id}`,
    viewOf: (node) => nodeView(api, node),
  });
}

function getNode(call: Call): Response {
  const { api } = call.var;
  const node = nodeCalled(api.state, call.req.param("id") ?? "");
  if (node instanceof Response) return node;
  return json(nodeView(api, node), { revision: nodeRevision(api.state, node.record.id) });
}

function deleteNode(call: Call): Promise<Response> | Response {
  const forced = flagIn(call, "force");
  return transact(call, (state, revision) => {
    const node = nodeCalled(state, call.req.param("id") ?? "");
    if (node instanceof Response) return node;
    const { record, liveness, replicas } = node;
    const unmet = unmetCondition(call.req.raw.headers, nodeRevision(state, record.id));
    if (unmet !== undefined) return unmet;
    const alive = liveness === "ready" || liveness === "suspect";
    if (alive && replicas.size > 0 && !forced) {
      const detail = `node ${record.name} is ${liveness} and carries ${replicas.size} replicas: ` +
        "drain it first, or remove it with ?force=true, which stops them there";
      return conflict("node-in-use", { title: "The node is in use", detail });
    }
    return {
      changes: [remove(record), ...revocationOf(record, call.var.api)],
      status: 200,
      body: { id: record.id, name: record.name, removed: true, revision },
    };
  });
}

/** What its agent holds is to prove nothing any more. */
function revocationOf({ identity }: NodeRecord, { identity: nodesHaveIdentities, clock }: ApiContext): Change[] {
  if (identity === null || nodesHaveIdentities === undefined) return [];
  const nowMs = clock.wall();
  const [at, until] = [nowMs, nowMs + NODE_VALID_MS + RENEW_GRACE_MS].map((ms) => new Date(ms).toISOString());
  return [put({ type: "revocation", id: identity, at: at!, until: until! })];
}

/** The node with that id, or else the only one with that name. */
export function nodeCalled(state: ClusterState, called: string): NodeState | Response {
  const node = state.nodes.get(called);
  if (node !== undefined) return node;
  const [named, ...others] = state.nodesByName.filter(({ record }) => record.name === called);
  if (named === undefined) {
    return notFound("node", { name: called, known: state.nodesByName.map(({ record }) => record.name) });
  }
  if (others.length === 0) return named;
  const ids = [named, ...others].map(({ record }) => record.id).join(", ");
  return conflict("ambiguous-name", { title: "Ambiguous name", detail: `several nodes are named ${called}: ${ids}` });
}
