/**
 * What in a spec is right by itself and can't be had together. Each is said where the operator can mend it.
 * @module
 */
import type * as z from "zod";
import { readDurationMs } from "../runtime/duration.ts";
import { checkPortNames, type Checks, START_PERIOD_USUAL } from "./health.ts";
import { refuseTcpContradictions, type TcpRoute } from "./tcp_route.ts";
import { isWithinArtifact, takesTurns } from "./surroundings.ts";
import { leavesNoRoomForGreen, type UpdatePolicy } from "./update.ts";

type Contradicting = Checks & Parameters<typeof takesTurns>[0] & {
  tcp: readonly TcpRoute[];
  update: UpdatePolicy;
  cwd?: string | undefined;
  artifact?: unknown;
};

/** Refuses a spec whose fields contradict each other. */
export function refuseContradictions(spec: Contradicting, context: z.RefinementCtx): void {
  checkPortNames(spec, context);
  refuseTcpContradictions(spec, context);
  if (spec.update.strategy === "blue_green" && takesTurns(spec)) {
    const message = "blue_green needs two replicas of a slot at once, which data.per_slot, a fixed port and " +
      "on_isolation rule out: take strategy rolling";
    context.addIssue({ code: "custom", message, path: ["update", "strategy"] });
  } else if (leavesNoRoomForGreen(spec.update)) {
    const message = "blue_green starts the whole new set beside the former one: leave max_surge out, " +
      "or take strategy rolling";
    context.addIssue({ code: "custom", message, path: ["update", "max_surge"] });
  }
  if (spec.cwd !== undefined && isWithinArtifact(spec.cwd) && spec.artifact === undefined) {
    const message = 'a path within the artifact, and there is none: make it absolute, such as "/srv/web"';
    context.addIssue({ code: "custom", message, path: ["cwd"] });
  }
  refuseShortDeadline(spec, context);
}

/** Refuses a deadline by which a replica that is as it may be can't have proved itself. */
function refuseShortDeadline(spec: Contradicting, context: z.RefinementCtx): void {
  const { min_healthy, deadline } = spec.update;
  const [provedMs, deadlineMs] = [readDurationMs(min_healthy), readDurationMs(deadline)];
  if (provedMs === undefined || deadlineMs === undefined) return;
  const refuse = (what: string) => {
    const message = `${what}, which "deadline" (${deadline}) leaves no time for: make it longer`;
    context.addIssue({ code: "custom", message, path: ["update", "deadline"] });
  };
  if (provedMs >= deadlineMs) return refuse(`a replica has to be ready for ${min_healthy} before it counts`);
  for (const check of ["startup", "health"] as const) {
    const period = spec[check]?.start_period ?? START_PERIOD_USUAL;
    // Who hasn't asked for so long a start gets as much of it as the deadline allows.
    if (period === START_PERIOD_USUAL || (readDurationMs(period) ?? 0) + provedMs <= deadlineMs) continue;
    refuse(`a replica may take ${period} to get ready (${check}.start_period) and has to stay so for ${min_healthy}`);
  }
}
