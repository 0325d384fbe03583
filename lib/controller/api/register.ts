/**
 * `POST /v1/nodes`: an agent makes itself known, and says so again every few seconds. The same agent at another address
 * has moved, unless the former address still answers with the same identity: then a data folder was cloned.
 * @module
 */
import { put } from "../../cluster/record.ts";
import type { NodeRecord } from "../../cluster/node.ts";
import type { ClusterState } from "../../cluster/state.ts";
import { parseJson } from "../../wire/json.ts";
import type { Registration } from "../../wire/protocol.ts";
import { problem } from "../../wire/problem.ts";
import { audited } from "../audit/audited.ts";
import { questionOf } from "../audit/question.ts";
import { isSamePlace, systemLookup } from "../agents/agent_url.ts";
import { newNode, nodeAsHeard } from "../loop/node_record.ts";
import { askAgent, checkedUrl, postAddNode } from "./add_node.ts";
import { conflict } from "./answer.ts";
import type { Call } from "./context.ts";
import { bodyOf } from "./route.ts";
import { transact } from "./transact.ts";
import { nodeRevision } from "./views.ts";
import { refusalOfHost } from "./whose_host.ts";

/** An agent's registration; a body with nothing but a `url` is an operator's, as at `/add-node`. */
export async function postNode(call: Call): Promise<Response> {
  const parsed = parseJson(call.var.body);
  const { who } = call.env;
  const { audit } = call.var.api;
  // To name other hosts is an operator's business.
  if (who.kind !== "node" && parsed.ok && isOnlyUrl(parsed.value)) {
    return await audited(audit, questionOf(call), () => postAddNode(call));
  }
  const agent = bodyOf(call, "registerNode");
  if (agent instanceof Response) return agent;
  if (who.kind === "node" && who.node !== agent.identity) return notItself();
  const asked = await checkedUrl(agent.url);
  if (asked instanceof Response) return asked;
  const { api } = call.var;

  const elsewhere = recordOf(api.state, agent.identity);
  const samePlace = elsewhere !== undefined && await isSamePlace([elsewhere.url, asked], systemLookup);
  const others = who.kind === "node" && !samePlace ? await refusalOfHost(call, { ...agent, url: asked }) : undefined;
  if (others !== undefined) return others;
  // An operator may know the same place by another name: that name stays.
  const url = samePlace ? elsewhere.url : asked;
  if (elsewhere !== undefined && !samePlace) {
    const found = await askAgent(api, elsewhere.url);
    if (found.kind === "agent" && found.health.identity === agent.identity) return cloned(agent, elsewhere);
  }
  // Who comes without an identity has no papers to renew.
  const renew = who.kind === "node" && api.identity?.rotation.heard(agent.identity, agent.papers) === true;
  const register = () => transactRegistration(call, { agent, url, renew });
  // An agent says all this again every few seconds.
  return isNews(api.state, { agent, url }) ? await audited(audit, questionOf(call), register) : await register();
}

function transactRegistration(
  call: Call,
  { agent, url, renew }: { agent: Registration; url: string; renew: boolean },
): Response | Promise<Response> {
  const id = call.var.api.random.uuid();
  return transact(call, (state, revision) => {
    const known = recordOf(state, agent.identity) ?? recordAt(state, url);
    const moved = known === undefined ? newNode(id, url, agent) : { ...known, url };
    const record = nodeAsHeard(moved, agent) ?? moved;
    const changed = known === undefined || known.url !== url || record !== moved;
    const { name } = record;
    const status = state.nodes.get(record.id)?.liveness ?? "pending";
    const former = nodeRevision(state, record.id);
    return {
      changes: changed ? [put(record)] : [],
      status: known === undefined ? 201 : 200,
      body: { id: record.id, name, url, status, revision: changed ? revision : former },
      ...(renew && { once: { renew } }),
      revision: former,
    };
  });
}

function isNews(state: ClusterState, { agent, url }: { agent: Registration; url: string }): boolean {
  const known = recordOf(state, agent.identity) ?? recordAt(state, url);
  return known === undefined || known.url !== url || nodeAsHeard(known, agent) !== undefined;
}

function isOnlyUrl(value: unknown): boolean {
  return typeof value === "object" && value !== null && "url" in value && !("identity" in value);
}

function recordOf(state: ClusterState, identity: string): NodeRecord | undefined {
  return state.nodesByName.find(({ record }) => record.identity === identity)?.record;
}

function recordAt(state: ClusterState, url: string): NodeRecord | undefined {
  return state.nodesByName.find(({ record }) => record.url === url)?.record;
}

/** An agent speaks for itself alone. */
function notItself(): Response {
  const detail = "a node registers with its own credential; this one is another node's";
  return problem({ type: "forbidden", title: "Forbidden", status: 403, detail });
}

function cloned(agent: Registration, known: NodeRecord): Response {
  const detail = `node ${known.name} at ${known.url} answers with the identity of the agent at ${agent.url}: ` +
    "one of them runs on a copy of the other's data folder; give it an empty one with --data";
  return conflict("cloned-data-folder", { title: "A cloned data folder", detail });
}
