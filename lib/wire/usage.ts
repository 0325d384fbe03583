/**
 * What replicas and nodes use, and how services are asked: figures of now and of the last minutes, for `top` and the
 * dashboard. What a host can't measure is null, and is never taken for 0.
 * @module
 */
import * as z from "zod";

const used = {
  /** In cores, over the last seconds. */
  cpu: z.number().nullable(),
  memory_bytes: z.int().nullable(),
};

/** An agent's `GET /v1/usage`: of its host, and of the replicas that have a process there. */
export const AgentUsage = z.object({ ...used, replicas: z.array(z.object({ id: z.string(), ...used })) });
export type AgentUsage = z.infer<typeof AgentUsage>;

/** `GET /v1/usage` */
export const UsageView = z.object({
  at: z.string(),
  nodes: z.array(z.object({
    id: z.string(),
    name: z.string(),
    /** In cores, over the last seconds. */
    cpu: z.number().nullable(),
    memory_bytes: z.int().nullable(),
  })),
  replicas: z.array(z.object({
    id: z.string(),
    /** "web.2" */
    name: z.string(),
    service: z.string(),
    /** The node's id. */
    node: z.string(),
    /** In cores, of all its processes. */
    cpu: z.number().nullable(),
    memory_bytes: z.int().nullable(),
  })),
  /** Nodes that could not be asked, by name. */
  silent: z.array(z.string()),
});
export type UsageView = z.infer<typeof UsageView>;

/** `GET /v1/services/{name}/traffic`: what came through this controller's proxy and its ingress. */
export const TrafficView = z.object({
  service: z.string(),
  /** For how long each point stands. */
  interval_s: z.number(),
  /** Oldest first; an interval without a request is a point with zeros. */
  points: z.array(z.object({
    /** The end of the interval. */
    at: z.string(),
    requests: z.int(),
    /** Answers with 500 and above, and requests without an answer. */
    errors: z.int(),
    /** Null when there was no request. */
    p50_s: z.number().nullable(),
    p99_s: z.number().nullable(),
  })),
});
export type TrafficView = z.infer<typeof TrafficView>;
