/**
 * `POST /add-node`: an operator names an agent's address. It is checked first, the agent there is asked who it is, and one
 * agent is one node, however often and under whatever address it is named. Agents that register themselves
 * (`register.ts`) are checked and asked in the same way.
 * @module
 */
import type { NodeRecord } from "../../cluster/node.ts";
import { put } from "../../cluster/record.ts";
import type { ClusterState } from "../../cluster/state.ts";
import type { NodeAdded } from "../../wire/api.ts";
import type { AgentHealth } from "../../wire/protocol.ts";
import { NoAnswer } from "../agents/agent_client.ts";
import { isAddress, readAgentUrl, resolveHost, systemLookup } from "../agents/agent_url.ts";
import { healthOf } from "../agents/fleet.ts";
import { newNode } from "../loop/node_record.ts";
import { badRequest, conflict } from "./answer.ts";
import { problem } from "../../wire/problem.ts";
import type { ApiContext, Call } from "./context.ts";
import { unmetCondition } from "./precondition.ts";
import { bodyOf } from "./route.ts";
import { transact } from "./transact.ts";
import { nodeRevision } from "./views.ts";

const ANSWER_MS = 2_000;
/** The loop hears a new node at once; the answer waits a little for that. */
const HEARD_WAIT_MS = 500;

/** `POST /add-node` */
export async function postAddNode(call: Call): Promise<Response> {
  const body = bodyOf(call, "addNode");
  if (body instanceof Response) return body;
  const checked = await checkedUrl(body.url);
  if (checked instanceof Response) return checked;
  const { api } = call.var;
  const found = await askAgent(api, checked);
  if (found.kind === "other") return noAgent(checked, found.detail);
  const agent = found.kind === "agent" ? found.health : undefined;
  const bound = agent?.cluster ?? api.state.cluster;
  if (bound !== api.state.cluster) return foreign(checked, { bound, ours: api.state.cluster });
  const id = api.random.uuid();
  const response = await transact(call, (state) => {
    const known = knownNode(state, { url: checked, agent });
    const unmet = unmetCondition(call.req.raw.headers, known && nodeRevision(state, known.id));
    if (unmet !== undefined) return unmet;
    if (known !== undefined) {
      return { changes: [], status: 200, body: added(known, state), revision: nodeRevision(state, known.id) };
    }
    const record = newNode(id, checked, agent);
    const body: NodeAdded = {
      id,
      name: record.name,
      url: record.url,
      status: agent === undefined ? "pending" : "ready",
    };
    return { changes: [put(record)], status: agent === undefined ? 202 : 201, body };
  });
  // Who sees 201 finds the node ready in /status as well.
  if (response.status === 201) await api.until(() => api.state.nodes.get(id)?.liveness !== "pending", HEARD_WAIT_MS);
  return response;
}

/** The origin of an address that may be connected to. */
export async function checkedUrl(text: string): Promise<string | Response> {
  const read = readAgentUrl(text);
  if (read.kind === "refused") return badRequest(`"url": ${read.detail}`);
  const { hostname } = new URL(read.url);
  if (isAddress(hostname)) return read.url;
  const resolved = await resolveHost(hostname, systemLookup);
  // A name that nobody knows yet may be known soon: the node is pending until then.
  return resolved.kind === "refused" ? badRequest(`"url": ${resolved.detail}`) : read.url;
}

export type Found =
  | { kind: "agent"; health: AgentHealth }
  | { kind: "silent" }
  /** Something answers, but it is no agent that would take orders. */
  | { kind: "other"; detail: string };

/** Asks who is there. */
export async function askAgent({ client, ending }: ApiContext, url: string): Promise<Found> {
  const signal = AbortSignal.any([ending, AbortSignal.timeout(ANSWER_MS)]);
  let response: Response;
  try {
    response = await client.request(url, "/v1/health", { signal });
  } catch (error) {
    if (error instanceof NoAnswer) return { kind: "silent" };
    throw error;
  }
  try {
    return { kind: "agent", health: await healthOf(response) };
  } catch (error) {
    if (error instanceof NoAnswer) return { kind: "other", detail: error.message };
    if (signal.aborted) return { kind: "silent" };
    throw error;
  }
}

/** The node that this is already, brought up to date in nothing. */
function knownNode(
  state: ClusterState,
  { url, agent }: { url: string; agent: AgentHealth | undefined },
): NodeRecord | undefined {
  const records = state.nodesByName.map(({ record }) => record);
  return records.find((record) => record.url === url) ??
    (agent && records.find((record) => record.identity === agent.identity));
}

function added(record: NodeRecord, state: ClusterState): NodeAdded {
  const status = state.nodes.get(record.id)?.liveness ?? "pending";
  return { id: record.id, name: record.name, url: record.url, status };
}

function foreign(url: string, { bound, ours }: { bound: string; ours: string }): Response {
  const detail =
    `the agent at ${url} belongs to cluster ${bound}, this is cluster ${ours}: nothing was changed there; ` +
    'to take it over, start it once with "agent --forget-cluster"';
  return conflict("foreign-cluster", { title: "The agent belongs to another cluster", detail });
}

function noAgent(url: string, detail: string): Response {
  const advice = `${url} does not answer as an agent: ${detail}; give the address that its log names`;
  return problem({ type: "no-agent", title: "Not an agent", status: 422, detail: advice });
}
