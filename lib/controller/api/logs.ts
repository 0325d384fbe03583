/**
 * `GET /v1/replicas/{id}/logs`: a replica's lines, passed on from its agent as they are.
 * @module
 */
import { problem } from "../../wire/problem.ts";
import { NoAnswer } from "../agent_client.ts";
import { badRequest, busy } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { replicaIn } from "./replicas.ts";
import { serviceLogs } from "./service_logs.ts";
import { serviceIn } from "./services.ts";
import { watchStanding } from "./standing.ts";

export const logRoutes: readonly Route[] = [
  { method: "GET", path: "/v1/replicas/:id/logs", scope: "own", handle: getReplicaLogs },
  { method: "GET", path: "/v1/services/:name/logs", scope: "named", handle: getServiceLogs },
];

const HEAD_MS = 5_000;
const TAIL_MAX = 10_000;
const SERVICE_TAIL_USUAL = 100;
const LINES_MEDIA_TYPE = "application/x-ndjson";

async function getReplicaLogs(call: Call): Promise<Response> {
  const { api } = call.var;
  const replica = replicaIn(call);
  if (replica instanceof Response) return replica;
  const { id, node: nodeId } = replica.record;
  const node = api.state.nodes.get(nodeId)?.record;
  if (node === undefined) return unreachable("a node that was removed", "its logs are gone with it");
  const path = `/v1/replicas/${id}/logs${new URL(call.req.url).search}`;
  const standing = watchStanding(call);
  try {
    const { status, body, headers } = await api.client.request(node.url, path, {
      signal: standing.signal,
      headMs: HEAD_MS,
    });
    const type = headers.get("content-type") ?? LINES_MEDIA_TYPE;
    const passed = withEnd(body ?? new Blob().stream(), () => standing[Symbol.dispose]());
    return new Response(passed, { status, headers: { "content-type": type, "cache-control": "no-store" } });
  } catch (error) {
    standing[Symbol.dispose]();
    if (error instanceof NoAnswer) return unreachable(`node ${node.name}`, error.message);
    throw error;
  }
}

function getServiceLogs(call: Call): Response {
  const { api } = call.var;
  const service = serviceIn(call);
  if (service instanceof Response) return service;
  const tailText = call.req.query("tail") ?? String(SERVICE_TAIL_USUAL);
  const tail = /^\d{1,5}$/.test(tailText) ? Number(tailText) : Infinity;
  if (tail > TAIL_MAX) return badRequest(`"tail": how many lines of each replica come first, 0 to ${TAIL_MAX}`);
  const followText = call.req.query("follow") ?? "false";
  if (!["true", "false", "1", "0"].includes(followText)) return badRequest('"follow": true or false');
  const stream = call.req.query("stream");
  if (stream !== undefined && !/^(std)?(out|err)$/.test(stream)) return badRequest('"stream": out or err');
  const seat = api.streams.take();
  if (seat === undefined) return busy("as many streams are open as this controller serves", { retryAfterS: 5 });
  const follow = followText === "true" || followText === "1";
  const standing = watchStanding(call);
  const body = serviceLogs(api, {
    service: service.record.name,
    tail,
    follow,
    stream,
    standing: standing.signal,
    onEnd: () => {
      standing[Symbol.dispose]();
      seat[Symbol.dispose]();
    },
  });
  return new Response(body, { headers: { "content-type": LINES_MEDIA_TYPE, "cache-control": "no-store" } });
}

/** The same bytes; `onEnd` is called once there are no more, or nobody reads them. */
function withEnd(body: ReadableStream<Uint8Array>, onEnd: () => void): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  // Either end's failure reaches the other one, and there is nothing more to do about it here.
  body.pipeTo(writable).then(onEnd, onEnd);
  return readable;
}

function unreachable(where: string, reason: string): Response {
  const detail = `the logs lie on ${where}, which can't be asked now: ${reason}`;
  const headers = { "retry-after": "5" };
  return problem({ type: "node-unreachable", title: "Bad Gateway", status: 502, detail, headers });
}
