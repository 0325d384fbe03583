/**
 * What in a spec is right by itself and can't be had together. Each is said where the operator can mend it.
 * @module
 */
import type * as z from "zod";
import { parseDurationMs, readDurationMs } from "../runtime/duration.ts";
import { checkPortNames, type Checks } from "./health.ts";
import { takesTurns } from "./surroundings.ts";

type Contradicting = Checks & Parameters<typeof takesTurns>[0] & {
  update: { strategy: string; min_healthy: string; deadline: string };
};

/** Refuses a spec whose fields contradict each other. */
export function refuseContradictions(spec: Contradicting, context: z.RefinementCtx): void {
  checkPortNames(spec, context);
  const { strategy, min_healthy, deadline } = spec.update;
  if (strategy === "blue_green" && takesTurns(spec)) {
    const message = "blue_green needs two replicas of a slot at once, which data.per_slot, a fixed port and " +
      "on_isolation rule out: take strategy rolling";
    context.addIssue({ code: "custom", message, path: ["update", "strategy"] });
  }
  const provedMs = readDurationMs(min_healthy);
  if (provedMs !== undefined && provedMs >= parseDurationMs(deadline)) {
    const message = `a replica has to be ready for ${min_healthy} before it counts, which "deadline" (${deadline}) ` +
      "leaves no time for: make it longer";
    context.addIssue({ code: "custom", message, path: ["update", "deadline"] });
  }
}
