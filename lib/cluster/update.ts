/**
 * How a new generation takes the place of a former one, as an operator declares it, and what follows from it in numbers:
 * how many replicas there may be beside those that are wanted, and how many of those may be missing meanwhile.
 * @module
 */
import * as z from "zod";
import { Duration, durationFrom, type ObjectOf } from "./spec_field.ts";
import { takesTurns } from "./surroundings.ts";

const SHARE_RULE = 'a whole number, or a share such as "25%"';
const COUNT_MAX = 10_000;

/** A number of replicas, or a share of those that are wanted. */
const Share = z.union([
  z.int({ error: SHARE_RULE }).min(0, { error: SHARE_RULE }).max(COUNT_MAX, { error: SHARE_RULE }),
  z.string().regex(/^(100|[1-9]?\d)%$/, { error: SHARE_RULE }),
], { error: SHARE_RULE });
type Share = z.infer<typeof Share>;

export function updateSchema(object: ObjectOf) {
  return object({
    /** rolling: replica by replica. blue_green: all new ones beside the former, then all requests at once. */
    strategy: z.enum(["rolling", "blue_green"]).prefault("rolling"),
    max_surge: Share.prefault(1),
    max_unavailable: Share.prefault(0),
    /** For how long a new replica has to be ready before it counts. */
    min_healthy: Duration.prefault("5s"),
    /** Without progress for so long, the update has failed. */
    deadline: durationFrom("1s").prefault("5m"),
    /** So many replicas of the new generation are tried first, until they are promoted. */
    canary: z.int().min(0).max(COUNT_MAX).prefault(0),
    /** Canaries, and a green set, are promoted by themselves once they are well. */
    auto_promote: z.boolean().prefault(false),
    auto_rollback: z.boolean().prefault(true),
  }).superRefine(({ max_surge, max_unavailable, canary, strategy }, context) => {
    if (isNone(max_surge) && isNone(max_unavailable)) {
      const message = '"max_surge" and "max_unavailable" are both 0: nothing could ever be replaced; raise one of them';
      context.addIssue({ code: "custom", message, path: ["max_surge"] });
    }
    if (strategy === "blue_green" && canary > 0) {
      const message = "blue_green tries the whole new set at once: leave canary out, or take strategy rolling";
      context.addIssue({ code: "custom", message, path: ["canary"] });
    }
  });
}

export type UpdatePolicy = z.infer<ReturnType<typeof updateSchema>>;

/** What an update may do to a service at most. */
export interface Budget {
  /** Replicas beside those that are wanted. */
  surge: number;
  /** Wanted replicas that may be missing. */
  unavailable: number;
}

interface Updated {
  update: UpdatePolicy;
  ports: Readonly<Record<string, { port: number }>>;
  data: { per_slot: boolean };
}

/** Whether a whole green set is asked for with no room beside the blue one. */
export function leavesNoRoomForGreen({ strategy, max_surge }: Pick<UpdatePolicy, "strategy" | "max_surge">): boolean {
  return strategy === "blue_green" && isNone(max_surge);
}

/** The budget of a service at its present scale: a surge is rounded up, what may be missing down, as both can't be 0. */
export function budgetOf(spec: Updated, desired: number): Budget {
  const { max_surge, max_unavailable } = spec.update;
  const unavailable = Math.floor(amountOf(max_unavailable, desired));
  // Two replicas of one slot would be in each other's way.
  if (takesTurns(spec)) return { surge: 0, unavailable: Math.max(1, unavailable) };
  // Stores may have such specs from before they were refused.
  const surge = leavesNoRoomForGreen(spec.update) ? Math.max(1, desired) : Math.ceil(amountOf(max_surge, desired));
  return surge === 0 ? { surge, unavailable: Math.max(1, unavailable) } : { surge, unavailable };
}

function amountOf(share: Share, desired: number): number {
  return typeof share === "number" ? share : desired * Number(share.slice(0, -1)) / 100;
}

function isNone(share: Share): boolean {
  return share === 0 || share === "0%";
}
