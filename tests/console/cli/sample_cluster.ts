/**
 * A little cluster as the API shows it, in which one service lacks a replica: what the commands that look are tried on.
 * Every text that comes from outside of Muster can be made another, such as one that means harm.
 * @module
 */
import { ServiceSpec } from "../../../lib/cluster/service.ts";
import type { EventView, NodeView, ReplicaView, ServiceView, Status } from "../../../lib/wire/api.ts";
import type { GenerationView } from "../../../lib/wire/change.ts";
import type { ExplainView } from "../../../lib/wire/explain.ts";
import type { UsageView } from "../../../lib/wire/usage.ts";

export const NODE_ID = "00000000-0000-4000-8000-0000000000a1";
const SPEC = ServiceSpec.parse({ name: "web", command: ["payload"], replicas: 2 });

/** Names and reasons are as one would expect, or all the same text. */
export interface SampleOptions {
  text?: string;
}

export function serviceView({ text }: SampleOptions = {}, changed: Partial<ServiceView> = {}): ServiceView {
  return {
    name: text ?? "web",
    generation: 3,
    desired: 2,
    ready: 1,
    assigned: 2,
    removed: false,
    waiting: [text ?? "web.1 waits: no node has room"],
    at: "2026-03-01T12:00:00.000Z",
    by: text ?? "ada",
    cause: "release",
    rollout: null,
    spec: SPEC,
    revision: 7,
    ...changed,
  };
}

export function replicaView({ text }: SampleOptions = {}, changed: Partial<ReplicaView> = {}): ReplicaView {
  return {
    id: "00000000-0000-4000-8000-000000000001",
    slot: 0,
    node: NODE_ID,
    phase: "running",
    ready: true,
    pid: 4_194_304,
    port: 20_001,
    started_at: "2026-03-01T12:00:00.000Z",
    uptime_s: 185,
    restarts: 0,
    reason: text ?? "0 of 2 running",
    name: text ?? "web.0",
    service: text ?? "web",
    node_name: text ?? "n1",
    generation: 3,
    instance: null,
    fence: 4,
    crashes: 0,
    exit: null,
    ports: {},
    revision: 7,
    ...changed,
  };
}

/** The one that crashes. */
export function brokenReplica(options: SampleOptions = {}): ReplicaView {
  return replicaView(options, {
    id: "00000000-0000-4000-8000-000000000002",
    slot: 1,
    name: options.text ?? "web.1",
    phase: "exited",
    ready: false,
    pid: null,
    port: null,
    uptime_s: null,
    restarts: 4,
    crashes: 5,
    reason: options.text ?? "exited with code 1; crash 5 in 5m, restart after 16 s",
  });
}

export function nodeView({ text }: SampleOptions = {}, changed: Partial<NodeView> = {}): NodeView {
  return {
    id: NODE_ID,
    name: text ?? "n1",
    url: text ?? "http://127.0.0.1:9090",
    status: "ready",
    labels: { zone: text ?? "a" },
    replicas: 2,
    last_seen_s: 0.4,
    version: text ?? "0.1.0",
    identity: null,
    draining: false,
    drain: null,
    leaving: false,
    skew: null,
    capacity: { cpu: 4, memory: 8_192 },
    reserved: { cpu: 1.5, memory: 512 },
    revision: 7,
    ...changed,
  };
}

export function statusOf(options: SampleOptions = {}): Status {
  const { id, name, url, status, labels, replicas, last_seen_s, version } = nodeView(options);
  return {
    cluster: { leader: options.text ?? "http://127.0.0.1:8000", epoch: 3, version: "0.1.0", revision: 42 },
    services: [{
      name: options.text ?? "web",
      generation: 3,
      desired: 2,
      ready: 1,
      replicas: [replicaView(options), brokenReplica(options)],
    }],
    nodes: [{ id, name, url, status, labels, replicas, last_seen_s, version }],
  };
}

export function eventView({ text }: SampleOptions = {}, changed: Partial<EventView> = {}): EventView {
  return {
    id: 1,
    time: "2026-03-01T12:00:01.500Z",
    kind: "replica_ready",
    severity: "info",
    text: text ?? "web.0 on n1 is ready",
    service: text ?? "web",
    node: NODE_ID,
    ...changed,
  };
}

export function explanationOf(options: SampleOptions = {}): ExplainView {
  const { text } = options;
  return {
    kind: "service",
    name: text ?? "web",
    summary: text ?? "1 of 2 ready: web.1 waits: no node has room",
    because: [text ?? "generation 3 is wanted 2 times: 1 assigned, 1 ready"],
    nodes: [{ node: text ?? "n1", reason: text ?? "memory: 512 MiB wanted, 128 MiB left" }],
    waits: [text ?? "web.1 waits: no node has room"],
    events: [eventView(options, { severity: "warn" })],
  };
}

export function generationView({ text }: SampleOptions = {}, changed: Partial<GenerationView> = {}): GenerationView {
  return {
    generation: 3,
    at: "2026-03-01T12:00:00.000Z",
    by: text ?? "ada",
    cause: "release",
    changes: [text ?? "command", "env.LEVEL"],
    present: true,
    failed: false,
    spec: SPEC,
    ...changed,
  };
}

export function usageOf({ text }: SampleOptions = {}): UsageView {
  const name = text ?? "web.0";
  return {
    at: "2026-03-01T12:00:05.000Z",
    nodes: [{ id: NODE_ID, name: text ?? "n1", cpu: 0.75, memory_bytes: 734_003_200 }],
    replicas: [
      { id: replicaView().id, name, service: "web", node: NODE_ID, cpu: 0.25, memory_bytes: 89_128_960 },
      { id: brokenReplica().id, name: text ?? "web.1", service: "web", node: NODE_ID, cpu: null, memory_bytes: null },
    ],
    silent: [text ?? "n2"],
  };
}

export function pageOf<T>(...items: T[]): { items: T[]; next_cursor: null } {
  return { items, next_cursor: null };
}

/** The answers of a controller that has this cluster. */
export function answersOf(options: SampleOptions = {}): Record<string, (request: Request) => Response> {
  const name = encodeURIComponent("web");
  const line = {
    time: "2026-03-01T12:00:01.000Z",
    stream: "out",
    replica: "r",
    line: options.text ?? "hello",
    slot: 0,
  };
  const { text = "web.0" } = options;
  return {
    "/status": () => Response.json(statusOf(options)),
    "/healthz": () => Response.json({ status: "ok" }),
    "/readyz": () => Response.json({ status: "ready" }),
    "/version": () => Response.json({ version: "0.1.0", program: "muster-controller" }),
    "/v1/services": () => Response.json(pageOf(serviceView(options))),
    [`/v1/services/${name}`]: () => Response.json(serviceView(options)),
    [`/v1/services/${name}/history`]: () =>
      Response.json(
        pageOf(generationView(options), generationView(options, { generation: 2, present: false, failed: true })),
      ),
    [`/v1/services/${name}/logs`]: () => new Response(`${JSON.stringify({ ...line, name: text })}\n`),
    "/v1/replicas": () => Response.json(pageOf(replicaView(options), brokenReplica(options))),
    "/v1/nodes": () => Response.json(pageOf(nodeView(options))),
    "/v1/events": () =>
      Response.json({
        events: [eventView(options), eventView(options, { id: 2, severity: "warn" })],
        last: 2,
        gone: false,
      }),
    [`/v1/explain/${name}`]: () => Response.json(explanationOf(options)),
    "/v1/usage": () => Response.json(usageOf(options)),
    "/v1/tokens": () =>
      Response.json(pageOf({
        id: "t",
        name: options.text ?? "ada",
        role: "admin",
        services: [],
        created_at: "2026-01-01T00:00:00.000Z",
        expires_at: null,
        last_used_at: null,
      })),
  };
}
