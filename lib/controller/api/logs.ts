/**
 * `GET /v1/replicas/{id}/logs`: a replica's lines, passed on from its agent as they are.
 * @module
 */
import { problem } from "../../wire/problem.ts";
import { NoAnswer } from "../agents/agent_client.ts";
import type { Call, Route } from "./context.ts";
import { openStream } from "./open_stream.ts";
import { flagIn, numberIn } from "./query.ts";
import { replicaIn } from "./replicas.ts";
import { route } from "./route.ts";
import { serviceLogs } from "./service_logs.ts";
import { serviceIn } from "./services.ts";
import type { WhenCut } from "./while_standing.ts";

export const logRoutes: readonly Route[] = [
  route("readReplicaLogs", { scope: "own", handle: getReplicaLogs }),
  route("readServiceLogs", { scope: "named", handle: getServiceLogs }),
];

const HEAD_MS = 5_000;
const SERVICE_TAIL_USUAL = 100;
const LINES_MEDIA_TYPE = "application/x-ndjson";

async function getReplicaLogs(call: Call): Promise<Response> {
  const { api } = call.var;
  const replica = replicaIn(call);
  if (replica instanceof Response) return replica;
  const { id, node: nodeId } = replica.record;
  const node = api.state.nodes.get(nodeId)?.record;
  if (node === undefined) return unreachable("a node that was removed", "its logs are gone with it");
  const stream = openStream(call);
  if (stream instanceof Response) return stream;
  const path = `/v1/replicas/${id}/logs${new URL(call.req.url).search}`;
  try {
    const { status, body, headers } = await api.client.request(node.url, path, {
      signal: stream.signal,
      headMs: HEAD_MS,
    });
    const type = headers.get("content-type") ?? LINES_MEDIA_TYPE;
    const passed = stream.give(body ?? new Blob().stream(), { whenCut: whenCut(call) });
    return new Response(passed, { status, headers: { "content-type": type, "cache-control": "no-store" } });
  } catch (error) {
    stream.end();
    if (error instanceof NoAnswer) return unreachable(`node ${node.name}`, error.message);
    throw error;
  }
}

function getServiceLogs(call: Call): Response {
  const { api } = call.var;
  const service = serviceIn(call);
  if (service instanceof Response) return service;
  const stream = openStream(call);
  if (stream instanceof Response) return stream;
  const lines = serviceLogs(api, {
    service: service.record.name,
    tail: numberIn(call, "tail") ?? SERVICE_TAIL_USUAL,
    follow: flagIn(call, "follow"),
    stream: call.req.query("stream"),
  });
  const body = stream.give(lines, { whenCut: whenCut(call) });
  return new Response(body, { headers: { "content-type": LINES_MEDIA_TYPE, "cache-control": "no-store" } });
}

/** Lines that are followed have no end of their own; the others must not look whole without being it. */
function whenCut(call: Call): WhenCut {
  return flagIn(call, "follow") ? "ends" : "breaks off";
}

function unreachable(where: string, reason: string): Response {
  const detail = `the logs lie on ${where}, which can't be asked now: ${reason}`;
  const headers = { "retry-after": "5" };
  return problem({ type: "node-unreachable", title: "Bad Gateway", status: 502, detail, headers });
}
