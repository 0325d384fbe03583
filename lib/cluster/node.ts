/**
 * A host with an agent. `NodeRecord` is what the store keeps (identity, address, what it may carry); `NodeState` adds
 * what the controller has seen of it since it started. Liveness only follows from what was seen, never from a clock
 * read here: the events that `apply` takes carry their time.
 * @module
 */
import * as z from "zod";
import type { DrainProgress } from "./drain.ts";

/** Cores and MiB that replicas may reserve on a node. */
export const Capacity = z.object({ cpu: z.number().min(0), memory: z.number().min(0) });
export type Capacity = z.infer<typeof Capacity>;

/** The operating system and the processor, by the names that Deno gives them: "linux", "x86_64". */
export const System = z.object({ os: z.string().max(64), arch: z.string().max(64) });

/** An operator's wish to have a node emptied. */
export const DrainWish = z.object({
  since: z.string(),
  /** For how long replicas that can't be moved may stay; null: for as long as it takes. */
  deadline: z.string().nullable(),
  by: z.string(),
  /** That time is over. */
  overdue: z.boolean(),
});

/** What the store keeps of a node. */
export const NodeRecord = z.object({
  type: z.literal("node"),
  id: z.uuid(),
  /** The agent's own node id, once it was heard; it changes when the agent's data folder is lost. */
  identity: z.uuid().nullable(),
  name: z.string(),
  url: z.string(),
  labels: z.record(z.string(), z.string()),
  /** Of those the ones that its invitation or an operator gave it: they stay, whatever its agent says. */
  given_labels: z.record(z.string(), z.string()).default({}),
  capacity: Capacity,
  /** What its agent runs on; null until an agent said so that knows how. */
  system: System.nullable().default(null),
  /** What its agent can do that not every one can: exclusive services need "isolation", and uploaded folders "artifacts". */
  features: z.array(z.string()).optional(),
  draining: z.boolean(),
  /** Why it is draining, where a version of Muster said so that knows how. */
  drain: DrainWish.nullable().default(null),
  /** It is known to be away: set when it is lost, cleared when it is back. */
  lost: z.boolean(),
  /** How often it was lost without a goodbye, lately; a growing hold-down follows from it. */
  losses: z.int().min(0),
});
export type NodeRecord = z.infer<typeof NodeRecord>;

/** How much a node is believed to be there: `pending` until it is first heard by this controller. */
export type Liveness = "pending" | "ready" | "suspect" | "lost";

/** Why a node stopped being ready, as it was noticed. */
export type LossCause = "goodbye" | "cut stream" | "missed probes";

/** A node as the core sees it. */
export interface NodeState {
  record: NodeRecord;
  liveness: Liveness;
  /** When `liveness` last changed, in monotonic milliseconds. */
  sinceMs: number;
  /** Probes in a row that got no answer. */
  missed: number;
  /** When it was last heard (or when counting started anew), in monotonic milliseconds. */
  heardMs: number;
  cause: LossCause | undefined;
  /** Its agent has said that it is about to go and wants its replicas elsewhere. */
  leaving: boolean;
  /** Its agent has stopped all replicas, and was not heard again since. */
  drained: boolean;
  version: string | undefined;
  /** How far its emptying has come, while it is drained. */
  drain: DrainProgress | undefined;
  /** Index, kept by `apply`: the replicas that are assigned to it. */
  replicas: Set<string>;
  /** Index, kept by `apply`: how many replicas of each service it carries. */
  perService: Map<string, number>;
  /** Index, kept by `apply`: how many of those are on their way out. */
  going: Map<string, number>;
  /**
   * Index, kept by `apply`: what its replicas have reserved, and the same with nominal sizes for those that declare none,
   * without what is on its way out.
   */
  reserved: Capacity;
  nominal: Capacity;
}

/** Losses within this time count as flapping; a node that stays ready for so long is forgiven. */
export const FORGIVEN_AFTER_MS = 600_000;
const HOLD_BASE_MS = 30_000;
const HOLD_MAX_MS = 600_000;

/** For how long a node that came back after its nth loss gets no new replicas while others have room. */
export function holdDownMs(losses: number): number {
  return losses < 2 ? 0 : Math.min(HOLD_BASE_MS * 2 ** (losses - 2), HOLD_MAX_MS);
}
