/**
 * The cluster as a whole, as who watches it sees it: who leads, how far it has come, and what holds decisions up.
 * @module
 */
import { movingIsHeld } from "../../cluster/mass_loss.ts";
import { isRecovering } from "../../cluster/state.ts";
import { VERSION } from "../../runtime/version.ts";
import type { ClusterView } from "../../wire/watch.ts";
import type { ApiContext } from "../api/context.ts";

type Source = Pick<ApiContext, "state" | "clock" | "leader" | "isStoreFull">;

export function clusterView(source: Source): ClusterView {
  const { state, leader } = source;
  const { cluster: id, epoch, revision } = state;
  return { id, leader: leader(), epoch, version: VERSION, revision, held_up: heldUp(source) };
}

/** Whether it is still as it was shown; asked with every input of the loop, so that it builds nothing. */
export function isStill(shown: ClusterView, source: Source): boolean {
  const { state, leader } = source;
  return shown.revision === state.revision && shown.epoch === state.epoch && shown.leader === leader() &&
    shown.held_up === heldUp(source);
}

function heldUp({ state, clock, isStoreFull }: Source): string | null {
  if (isRecovering(state, clock.now())) {
    return `${state.unheard.size} of ${state.nodes.size} nodes have yet to be heard since the start`;
  }
  if (state.massLoss.active) return movingIsHeld(state.massLoss, state.readyNodes).text;
  return isStoreFull() ? "the store has no space left: nothing is decided until there is some" : null;
}
