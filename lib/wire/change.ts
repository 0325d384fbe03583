/**
 * What the API says of changes to services: the history of generations, the rollout that is under way, what an apply has
 * done, and what a plan says would be done. The specs themselves come in by `specs.ts`.
 * @module
 */
import * as z from "zod";
import { RolloutCause, RolloutPhase } from "../cluster/rollout.ts";
import { ServiceSpec } from "../cluster/service.ts";

/** A generation of `/v1/services/{name}/history`. */
export const GenerationView = z.object({
  generation: z.int(),
  /** Null for what an older version of Muster made. */
  at: z.string().nullable(),
  by: z.string().nullable(),
  cause: RolloutCause,
  /** The fields that are other than in the generation before. */
  changes: z.array(z.string()),
  present: z.boolean(),
  /** It was given up before it had proved itself. */
  failed: z.boolean(),
  spec: ServiceSpec,
});
export type GenerationView = z.infer<typeof GenerationView>;

/** How far a service has come to its present generation, or how that ended. */
export const RolloutView = z.object({
  phase: RolloutPhase,
  cause: RolloutCause,
  from: z.int().nullable(),
  to: z.int(),
  paused: z.boolean(),
  began: z.string(),
  changed: z.string(),
  reason: z.string(),
  /** The last lines of the replica by which it failed. */
  last_words: z.array(z.string()),
  /** How many replicas run the present generation. */
  updated: z.int(),
});
export type RolloutView = z.infer<typeof RolloutView>;

/** `POST /v1/services/{name}/rollback`; without a generation it is the one before, or the last good one. */
export const RollbackRequest = z.strictObject({
  generation: z.int({ error: "the number of a generation" }).min(1, { error: "the number of a generation" }).optional(),
});

/** What a write to a service answers: the service as it was written. */
export const ServiceWritten = z.object({
  name: z.string(),
  generation: z.int(),
  desired: z.int(),
  removed: z.boolean(),
  spec: ServiceSpec,
  revision: z.int(),
});
export type ServiceWritten = z.infer<typeof ServiceWritten>;

/** The answer to a rollback: what the new generation is, and whose spec it has. */
export const RolledBack = z.object({ ...ServiceWritten.shape, to: z.int() });
export type RolledBack = z.infer<typeof RolledBack>;

/** The answer to a pause, a resumption or a promotion. */
export const Steered = z.object({ ...ServiceWritten.shape, rollout: RolloutView.nullable() });
export type Steered = z.infer<typeof Steered>;

export const Outcome = z.enum(["created", "changed", "scaled", "unchanged"]);

/** The answer to `POST /v1/apply`. */
export const Applied = z.object({
  services: z.array(z.object({
    name: z.string(),
    outcome: Outcome,
    generation: z.int(),
    desired: z.int(),
    changes: z.array(z.string()),
    revision: z.int(),
  })),
  revision: z.int(),
});
export type Applied = z.infer<typeof Applied>;

/** A field of a spec that would be another; of a new service the whole spec, under "". */
export const Difference = z.object({ path: z.string(), before: z.unknown(), after: z.unknown() });
export type Difference = z.infer<typeof Difference>;

/** A step that would be taken. */
export const PlannedAction = z.object({
  kind: z.string(),
  service: z.string(),
  slot: z.int().nullable(),
  /** The node's id. */
  node: z.string().nullable(),
  node_name: z.string().nullable(),
  generation: z.int(),
  reason: z.string(),
});
export type PlannedAction = z.infer<typeof PlannedAction>;

/** The answer to `POST /v1/plan`. */
export const Planned = z.object({
  services: z.array(z.object({
    name: z.string(),
    outcome: Outcome,
    generation: z.int(),
    changes: z.array(z.string()),
    diff: z.array(Difference),
  })),
  /** In the order in which they would be taken. */
  actions: z.array(PlannedAction),
  /** What the given services would be left waiting for in the end. */
  waits: z.array(z.object({
    service: z.string(),
    slot: z.int(),
    reason: z.string(),
    /** blocked: something has to change for it, such as room; step: its turn comes, at once or when a person says so. */
    kind: z.enum(["blocked", "step"]).default("blocked"),
  })),
  /** Whether the given services would come to all that is wanted of them. */
  complete: z.boolean(),
  /** Why it is not known whether they would, if so: it was not played to its end. */
  cut_short: z.string().nullable().default(null),
});
export type Planned = z.infer<typeof Planned>;
