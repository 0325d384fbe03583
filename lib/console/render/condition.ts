/**
 * How something stands, in one word: what the tables say of services, replicas and nodes, in which tone, and how much it
 * needs a look. What merely waits is no alarm; what is wrong comes first.
 * @module
 */
import type { NodeView, ServiceView, StatusNode, StatusReplica } from "../../wire/api.ts";
import type { Tone } from "./paint.ts";

export interface Condition {
  word: string;
  tone: Tone;
  /** What is small comes first. */
  rank: number;
}

const WRONG = { tone: "bad", rank: 0 } as const;
const WANTING = { tone: "warning", rank: 1 } as const;
const COMING = { tone: "warning", rank: 2 } as const;
const WELL = { tone: "good", rank: 3 } as const;
const AT_REST = { tone: "faint", rank: 4 } as const;

/** A running replica is told by whether it is ready, which is what one wants to know. */
export function conditionOfReplica({ phase, ready }: Pick<StatusReplica, "phase" | "ready">): Condition {
  if (ready) return { word: "ready", ...WELL };
  switch (phase) {
    case "lost":
    case "exited":
      return { word: phase, ...WRONG };
    case "running":
      return { word: "not ready", ...WANTING };
    case "pending":
    case "starting":
      return { word: phase, ...COMING };
    case "draining":
    case "stopping":
      return { word: phase, ...AT_REST };
    default:
      return phase satisfies never;
  }
}

/** A node by its liveness, and by whether it is being emptied. */
export function conditionOfNode(
  { status, draining = false, leaving = false }: Pick<StatusNode, "status"> & Partial<NodeView>,
): Condition {
  switch (status) {
    case "lost":
      return { word: status, ...WRONG };
    case "suspect":
      return { word: status, ...WANTING };
    case "pending":
      return { word: status, ...COMING };
    case "ready":
      if (draining || leaving) return { word: draining ? "draining" : "leaving", ...COMING };
      return { word: status, ...WELL };
    default:
      return status satisfies never;
  }
}

type Counted = Pick<ServiceView, "desired" | "ready"> & Partial<Pick<ServiceView, "removed" | "rollout" | "waiting">>;

/** A service by how much of what is wanted of it is there. */
export function conditionOfService({ desired, ready, removed = false, rollout, waiting = [] }: Counted): Condition {
  if (removed) return { word: "going", ...AT_REST };
  if (rollout?.phase === "failed" && ready < desired) return { word: "failed", ...WRONG };
  if (waiting.length > 0) return { word: "waiting", ...WANTING };
  if (ready < desired) return ready === 0 ? { word: "none ready", ...WANTING } : { word: "degraded", ...WANTING };
  if (rollout?.phase === "failed") return { word: "update failed", ...WANTING };
  return desired === 0 ? { word: "at rest", ...AT_REST } : { word: "healthy", ...WELL };
}

/** Sorts what needs a look first, and leaves equals in their order. */
export function worstFirst<T>(items: readonly T[], conditionOf: (item: T) => Condition): T[] {
  return items.toSorted((a, b) => conditionOf(a).rank - conditionOf(b).rank);
}
