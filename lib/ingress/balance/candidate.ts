/**
 * What an ingress knows of one replica: where it is, what is under way there, and how it has done so far. Each worker
 * has a view of its own. Whoever chooses (`balancer.ts` and the ways beside it) reads it; only the balancer, the
 * ejections and the ways' own bookkeeping write it.
 * @module
 */
import type { Endpoint } from "../../cluster/endpoint.ts";
import { stickyNameOf } from "./sticky.ts";

export interface Candidate {
  /** As the controller said last; only whether its node is suspect changes in the life of a candidate. */
  endpoint: Endpoint;
  /** What a client's cookie calls this replica. */
  readonly stickyName: string;
  /** When this ingress first saw it here. */
  readonly readySinceMs: number;
  /** Requests under way, counted by this worker. */
  inFlight: number;
  /** Failures since the last answer. */
  failures: number;
  /** Left out until then; never yet: the beginning of time. */
  ejectedUntilMs: number;
  /** How often in a row it was ejected. */
  ejections: number;
  /** The peak-sensitive average of the time to an answer, as of `latencyAtMs`; 0 before the first one. */
  latencyMs: number;
  latencyAtMs: number;
  /** The share of a turn that it has saved up while its weight is below 1. */
  credit: number;
  /** It is no endpoint any more; its requests may still be under way. */
  isGone: boolean;
}

export function newCandidate(endpoint: Endpoint, nowMs: number): Candidate {
  return {
    endpoint,
    stickyName: stickyNameOf(endpoint.replica),
    readySinceMs: nowMs,
    inFlight: 0,
    failures: 0,
    ejectedUntilMs: Number.NEGATIVE_INFINITY,
    ejections: 0,
    latencyMs: 0,
    latencyAtMs: nowMs,
    credit: 0,
    isGone: false,
  };
}

/** Whether an endpoint is the process that the candidate stands for, in the same place. */
export function isSamePlace({ endpoint }: Candidate, other: Endpoint): boolean {
  return endpoint.replica === other.replica && endpoint.fence === other.fence && endpoint.port === other.port &&
    endpoint.nodeUrl === other.nodeUrl;
}
