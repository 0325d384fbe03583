/**
 * The agent's API, for controllers: health, orders, observations, logs, usage and signals. Orders go to the session through
 * the executor and are answered once they are remembered; what a controller reads comes from the feed and the log
 * files.
 * @module
 */
import * as z from "zod";
import { printableLine } from "../runtime/sanitize.ts";
import { fieldValue } from "../wire/http1/fields.ts";
import {
  Ack,
  type AgentHealth,
  EndpointsPush,
  Orders,
  type OrdersReply,
  PROTOCOL,
  PROTOCOL_HEADER,
} from "../wire/protocol.ts";
import type { Fault } from "../wire/problem.ts";
import { ReplicaSignal } from "../wire/replica_signal.ts";
import type { AgentUsage } from "../wire/usage.ts";
import { postArtifact, putChunk } from "./artifacts/artifact_api.ts";
import type { Artifacts } from "./artifacts/artifacts.ts";
import type { Asked, Guard } from "./http/bearer.ts";
import type { Feed } from "./feed.ts";
import type { HttpHandler, HttpReply, HttpRequest } from "./http/http_message.ts";
import type { LogLine, ReadLogsOptions } from "./logs/log_lines.ts";
import { json, jsonLines, refusal } from "./http/refusal.ts";
import { logsQuery } from "./logs/logs_query.ts";

/** What the API answers from. */
export interface AgentApi {
  guard: Guard;
  health: () => Omit<AgentHealth, "run" | "reply">;
  /** Takes in which answer the leader received last, and numbers the next one. */
  hear: (ack: Ack | undefined) => { run: string; reply: number };
  feed: Feed;
  /** Resolves when the orders are remembered. */
  follow: (orders: Orders) => Promise<OrdersReply>;
  /** Takes in where services are; false when that is not what follows what is known. */
  learn: (push: EndpointsPush) => boolean;
  /** Takes what its replicas run. */
  artifacts: Pick<Artifacts, "take" | "putChunk">;
  /** Sends the signal to the replica's process; false when it has none. */
  signal: (replica: string, signal: string) => boolean;
  readLogs: (replica: string, options: Omit<ReadLogsOptions, "clock">) => AsyncIterable<LogLine>;
  /** What the replicas and the host use. */
  usage: () => Promise<AgentUsage>;
  metrics: () => string;
}

type Answer = (request: HttpRequest, api: AgentApi, id: string) => HttpReply | Promise<HttpReply>;

interface Route {
  path: RegExp;
  methods: Readonly<Record<string, Answer>>;
}

export const ORDERS_BYTES_MAX = 64 * 1_024 * 1_024;
const SIGNAL_BYTES_MAX = 4_096;

const ROUTES: readonly Route[] = [
  { path: /^\/v1\/health$/, methods: { GET: getHealth } },
  { path: /^\/v1\/assignments$/, methods: { PUT: putAssignments } },
  { path: /^\/v1\/endpoints$/, methods: { PUT: putEndpoints } },
  { path: /^\/v1\/artifacts\/([0-9a-f]{64})$/, methods: { POST: postArtifact } },
  { path: /^\/v1\/chunks\/([0-9a-f]{64})$/, methods: { PUT: putChunk } },
  { path: /^\/v1\/observations$/, methods: { GET: getObservations } },
  { path: /^\/v1\/replicas\/([0-9a-f-]{36})\/logs$/, methods: { GET: getLogs } },
  { path: /^\/v1\/replicas\/([0-9a-f-]{36})\/signal$/, methods: { POST: postSignal } },
  { path: /^\/v1\/usage$/, methods: { GET: getUsage } },
  { path: /^\/metrics$/, methods: { GET: getMetrics } },
];

const CONTROL: Asked = { field: "authorization", purpose: "control" };

/** Answers all requests that are not for a replica. */
export function agentApi(api: AgentApi): HttpHandler {
  return async (request) => {
    const admission = await api.guard(request.headers, CONTROL);
    const reply = "refusal" in admission ? admission.refusal : wrongProtocol(request) ?? await route(request, api);
    return { ...reply, headers: { ...reply.headers, [PROTOCOL_HEADER]: String(PROTOCOL) } };
  };
}

function route(request: HttpRequest, api: AgentApi): HttpReply | Promise<HttpReply> {
  for (const { path, methods } of ROUTES) {
    const match = path.exec(request.path);
    if (match === null) continue;
    const answer = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
    if (answer !== undefined) return answer(request, api, match[1] ?? "");
    const allow = Object.keys(methods).join(", ");
    const detail = `${request.path} takes ${allow}`;
    return refusal("method-not-allowed", { title: "Method Not Allowed", status: 405, detail, headers: { allow } });
  }
  const detail = `there is no ${printableLine(request.path)} on an agent; is the controller meant?`;
  return refusal("not-found", { title: "Not Found", status: 404, detail });
}

function wrongProtocol({ headers }: HttpRequest): HttpReply | undefined {
  const spoken = fieldValue(headers, PROTOCOL_HEADER);
  if (spoken === undefined || spoken === String(PROTOCOL)) return undefined;
  return refusal("protocol", {
    title: "Upgrade Required",
    status: 426,
    detail: `this agent speaks Muster-Protocol ${PROTOCOL}, asked was ${printableLine(spoken)}; update the older side`,
    headers: { upgrade: `muster/${PROTOCOL}` },
  });
}

/** Whoever asks without an acknowledgement is no leader, or hears this agent for the first time. */
function getHealth({ query }: HttpRequest, { health, hear }: AgentApi): HttpReply {
  const ack = Ack.safeParse(Object.fromEntries(query)).data;
  // The number is the last thing to be made: it stands for a moment that is no later than what is sent.
  return json(200, { ...health(), ...hear(ack) });
}

async function putAssignments(request: HttpRequest, { follow }: AgentApi): Promise<HttpReply> {
  const orders = parseJson(Orders, await request.readText({ maxBytes: ORDERS_BYTES_MAX }));
  if ("refused" in orders) return orders.refused;
  const reply = await follow(orders.value);
  switch (reply.kind) {
    case "accepted":
      return json(200, reply);
    case "stale":
      return refusal("stale", {
        title: "Orders are older than those that are followed",
        status: 409,
        detail: `this agent follows epoch ${reply.epoch}, revision ${reply.revision}`,
        members: { reply },
      });
    case "foreign":
      return refusal("foreign-cluster", {
        title: "The agent belongs to another cluster",
        status: 409,
        detail: `this agent is bound to cluster ${reply.bound}, the orders are of cluster ${reply.asked}; ` +
          `to hand it over, restart it once with "agent --forget-cluster"`,
        members: { reply },
      });
    case "misdirected":
      return refusal("misdirected", {
        title: "The orders are for another agent",
        status: 409,
        detail: `this is agent ${reply.met}, the orders are for ${reply.meant}`,
        members: { reply },
      });
    default:
      return reply satisfies never;
  }
}

async function putEndpoints(request: HttpRequest, { learn, health }: AgentApi): Promise<HttpReply> {
  const push = parseJson(EndpointsPush, await request.readText({ maxBytes: ORDERS_BYTES_MAX }));
  if ("refused" in push) return push.refused;
  const { cluster } = health();
  const isOwn = push.value.cluster === cluster;
  const isTaken = isOwn && learn(push.value);
  const { endpoints } = health();
  if (isTaken) return json(200, endpoints);
  const detail = isOwn
    ? `this agent knows epoch ${endpoints?.epoch}, seq ${endpoints?.seq}: send what follows, or all with "after": null`
    : `this agent is bound to ${cluster === null ? "no cluster yet" : `cluster ${cluster}`}`;
  return refusal(isOwn ? "stale" : "foreign-cluster", {
    title: "These endpoints are not for this agent as it is",
    status: 409,
    detail,
    members: { reply: endpoints },
  });
}

function getObservations({ query, signal }: HttpRequest, { feed }: AgentApi): HttpReply {
  const after = query.get("after");
  if (after !== null && !/^\d{1,16}$/.test(after)) {
    const detail = `"after" is the number of the last line that was read, found "${printableLine(after)}"`;
    return refusal("bad-request", { title: "Bad Request", status: 400, detail });
  }
  if (!feed.hasRoom) {
    const detail = "as many listen as this agent serves at once; try again when one has left";
    return refusal("busy", { title: "Service Unavailable", status: 503, detail, headers: { "retry-after": "5" } });
  }
  return jsonLines(feed.lines({ signal }));
}

function getLogs({ query, signal }: HttpRequest, { readLogs }: AgentApi, id: string): HttpReply {
  const parsed = logsQuery(query);
  if (parsed.kind === "bad") {
    return refusal("bad-request", { title: "Bad Request", status: 400, detail: parsed.detail });
  }
  return jsonLines(readLogs(id, { ...parsed.wanted, signal }));
}

async function postSignal(request: HttpRequest, { health, signal }: AgentApi, id: string): Promise<HttpReply> {
  const asked = parseJson(ReplicaSignal, await request.readText({ maxBytes: SIGNAL_BYTES_MAX }));
  if ("refused" in asked) return asked.refused;
  const { epoch, revision } = health();
  if (asked.value.epoch < epoch || (asked.value.epoch === epoch && asked.value.revision < revision)) {
    const detail = `this agent follows epoch ${epoch}, revision ${revision}`;
    return refusal("stale", { title: "The signal is older than the orders that are followed", status: 409, detail });
  }
  if (signal(id, asked.value.signal)) return json(202, { replica: id, signal: asked.value.signal });
  return refusal("not-found", { title: "Not Found", status: 404, detail: `replica ${id} has no process here` });
}

async function getUsage(_: HttpRequest, { usage }: AgentApi): Promise<HttpReply> {
  return json(200, await usage());
}

function getMetrics(_: HttpRequest, { metrics }: AgentApi): HttpReply {
  return { status: 200, headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" }, body: metrics() };
}

function parseJson<T>(schema: z.ZodType<T>, text: string): { value: T } | { refused: HttpReply } {
  const bad = (detail: string, errors?: Fault[]) => ({
    refused: refusal("bad-request", {
      title: "Bad Request",
      status: 400,
      detail,
      ...(errors === undefined ? {} : { errors }),
    }),
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return bad(`expected a JSON object, found what is no JSON: ${printableLine(error.message)}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const errors = parsed.error.issues.slice(0, ERRORS_MAX).map(({ path, message }) => ({
    pointer: `/${path.map(String).join("/")}`,
    detail: message,
  }));
  return bad("the body is not what is expected here", errors);
}

const ERRORS_MAX = 20;
