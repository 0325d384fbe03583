/**
 * A replica whose restarts are used up where it is gets another try on another node, with the back-off that it had: one
 * that fills its slot is ended for it, one that is to take over from another is begun anew beside that one.
 * @module
 */
import type { NodeState } from "../cluster/node.ts";
import type { ReplicaState } from "../cluster/replica.ts";
import { asOf } from "../cluster/service_record.ts";
import { homeOf, type ServiceState } from "../cluster/state.ts";
import { type Draft, standIns, start, stop, stopHeldBack, wait } from "./draft.ts";
import { generationFor, generationKept } from "./progress.ts";
import { exitWords } from "./reason.ts";

/** A replica that was moved because it crashed is not moved for that again within this time. */
const MOVE_PAUSE_MS = 300_000;

/** A replica that has crashed too often, on its node. */
interface Crashed {
  replica: ReplicaState;
  node: NodeState;
}

/** Moves a replica that nothing else fills the slot of. Returns whether it could be moved. */
export function moveCrashed(draft: Draft, service: ServiceState, at: Crashed): boolean {
  const { replica, node } = at;
  if (standIns(draft, service, replica).length > 0 || !mayMove(draft, replica)) return false;
  const { slot } = replica.record;
  const generation = generationKept(service, replica);
  const why = whyOf(at);
  const home = homeOf(draft.state, service, { slot, generation });
  const placement = draft.placer().place(asOf(service.record, generation), { avoid: node.record.id, home });
  if (placement.kind === "unplaceable") {
    wait(draft, replica, `${why}; it stays, as ${placement.reason}`);
    return false;
  }
  stopHeldBack(draft, service, replica);
  stop(draft, replica, why);
  start(draft, { replica, node: placement.node, successor: false, generation, reason: why });
  return true;
}

/** Moves a replica that is to take over from `predecessor`, which may have to run on for that. */
export function moveSuccessor(draft: Draft, service: ServiceState, at: Crashed & { predecessor: ReplicaState }): void {
  const { replica, node, predecessor } = at;
  if (!mayMove(draft, replica)) return;
  const generation = generationFor(draft, service, predecessor);
  const why = whyOf(at);
  const placement = draft.placer().place(asOf(service.record, generation), { avoid: node.record.id });
  if (placement.kind === "unplaceable") return wait(draft, replica, `${why}; it stays, as ${placement.reason}`);
  stop(draft, replica, why);
  const crashesBefore = replica.observed?.crashes ?? 0;
  start(draft, {
    replica: predecessor,
    node: placement.node,
    successor: true,
    generation,
    crashesBefore,
    reason: why,
  });
}

/** Whether it may be moved already; else it is said why not. */
function mayMove(draft: Draft, replica: ReplicaState): boolean {
  const { record, observed, sinceMs } = replica;
  if (record.crashes_before === 0 || draft.nowMs >= sinceMs + MOVE_PAUSE_MS) return true;
  draft.wakeAt(sinceMs + MOVE_PAUSE_MS);
  const crashes = `crashed ${observed?.crashes ?? 0} times`;
  wait(draft, replica, `${crashes}, and was moved for that already; last: ${exitWords(observed)}`);
  return false;
}

function whyOf({ replica: { observed }, node }: Crashed): string {
  return `crashed ${observed?.crashes ?? 0} times on ${node.record.name}; last: ${exitWords(observed)}`;
}
