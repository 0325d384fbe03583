/**
 * The decisions about a rollout as changes of the store: its promotion, its end, and the way back to the last good
 * generation, which is a rollout of its own.
 * @module
 */
import type { Happening } from "../../cluster/event.ts";
import { put } from "../../cluster/record.ts";
import type { RolloutRecord } from "../../cluster/rollout.ts";
import { generationOf } from "../../cluster/service_record.ts";
import type { ClusterState } from "../../cluster/state.ts";
import type { Action } from "../../plan/action.ts";
import { release } from "../change/release.ts";
import type { Step } from "./transaction.ts";

/** Who goes back where nobody asked for it. */
const ITSELF = "muster";

type RolloutAction = Extract<Action, { kind: "promote" | "finish_rollout" | "roll_back" }>;

export function rolloutStep(state: ClusterState, action: RolloutAction, wall: string): Step | undefined {
  const service = state.services.get(action.service);
  const rollout = service?.rollout?.record;
  if (service === undefined || rollout === undefined) return undefined;
  const told = (happening: Omit<Happening, "service">) => ({ ...happening, service: action.service });
  const { reason } = action;
  switch (action.kind) {
    case "promote":
      return { changes: [put({ ...rollout, phase: "rolling", changed: wall, reason })] };
    case "finish_rollout": {
      const { phase, replica } = action;
      const isDone = phase === "done";
      const text = isDone
        ? `${action.service} is updated: ${reason}`
        : `the update of ${action.service} to generation ${rollout.to} failed: ${reason}`;
      const about = replica === null ? {} : { replica };
      const failed = { reason, last_words: wordsOf(state, replica) };
      return {
        changes: [put({ ...rollout, phase, changed: wall, ...(isDone ? whyDone(rollout, reason) : failed) })],
        happening: told({ kind: `rollout_${phase}`, severity: isDone ? "info" : "warn", text, ...about }),
      };
    }
    case "roll_back": {
      const former = generationOf(service.record, action.to);
      if (former === undefined) return undefined;
      const spec = { ...former.spec, replicas: service.record.desired };
      const origin = { at: wall, by: ITSELF, cause: "rollback" as const };
      const why = `generation ${rollout.to} failed: ${reason}`;
      const back = release(state, spec, origin);
      const changes = back.changes.map((change) =>
        change.op === "put" && change.record.type === "rollout"
          ? put({ ...change.record, reason: why, last_words: wordsOf(state, action.replica) })
          : change
      );
      const text = `${action.service} is rolled back to what generation ${action.to} ran: ${why}`;
      const about = action.replica === null ? {} : { replica: action.replica };
      return { changes, happening: told({ kind: "rollout_rolled_back", severity: "warn", text, ...about }) };
    }
    default:
      return action satisfies never;
  }
}

/** That a rollback has come to its end is less worth knowing than why there was one. */
function whyDone(rollout: RolloutRecord, reason: string): Pick<RolloutRecord, "reason"> {
  return { reason: rollout.cause === "rollback" ? rollout.reason : reason };
}

/** The last lines that a replica wrote, as far as its agent has told them. */
function wordsOf(state: ClusterState, replica: string | null): string[] {
  return state.replicas.get(replica ?? "")?.observed?.last_words ?? [];
}
