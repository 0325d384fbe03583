/**
 * `GET /v1/replicas/{id}/logs`: a replica's lines, passed on from its agent as they are.
 * @module
 */
import { endedWith } from "../../wire/ended_with.ts";
import { problem } from "../../wire/problem.ts";
import { NoAnswer } from "../agents/agent_client.ts";
import { busy } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { flagIn, numberIn } from "./query.ts";
import { replicaIn } from "./replicas.ts";
import { route } from "./route.ts";
import { serviceLogs } from "./service_logs.ts";
import { serviceIn } from "./services.ts";
import { watchStanding } from "./access/standing.ts";

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
  const seat = api.streams.take();
  if (seat === undefined) return tooManyStreams();
  const standing = watchStanding(call);
  const end = () => {
    standing[Symbol.dispose]();
    seat[Symbol.dispose]();
  };
  const path = `/v1/replicas/${id}/logs${new URL(call.req.url).search}`;
  try {
    const { status, body, headers } = await api.client.request(node.url, path, {
      signal: standing.signal,
      headMs: HEAD_MS,
    });
    const type = headers.get("content-type") ?? LINES_MEDIA_TYPE;
    const passed = withEnd(endedWith(body ?? new Blob().stream(), standing.signal), end);
    return new Response(passed, { status, headers: { "content-type": type, "cache-control": "no-store" } });
  } catch (error) {
    end();
    if (error instanceof NoAnswer) return unreachable(`node ${node.name}`, error.message);
    throw error;
  }
}

function getServiceLogs(call: Call): Response {
  const { api } = call.var;
  const service = serviceIn(call);
  if (service instanceof Response) return service;
  const seat = api.streams.take();
  if (seat === undefined) return tooManyStreams();
  const standing = watchStanding(call);
  const body = serviceLogs(api, {
    service: service.record.name,
    tail: numberIn(call, "tail") ?? SERVICE_TAIL_USUAL,
    follow: flagIn(call, "follow"),
    stream: call.req.query("stream"),
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

function tooManyStreams(): Response {
  return busy("as many streams are open as this controller serves", { retryAfterS: 5 });
}

function unreachable(where: string, reason: string): Response {
  const detail = `the logs lie on ${where}, which can't be asked now: ${reason}`;
  const headers = { "retry-after": "5" };
  return problem({ type: "node-unreachable", title: "Bad Gateway", status: 502, detail, headers });
}
