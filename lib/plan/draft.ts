/**
 * The plan in the making: what deciding about one service or replica reads and where it puts its decisions.
 * @module
 */
import type { ClusterState } from "../cluster/state.ts";
import type { Action, Wait } from "./action.ts";
import type { Placer } from "./place.ts";

export interface Draft {
  state: ClusterState;
  nowMs: number;
  actions: Action[];
  waits: Wait[];
  /** Made when the first replica has to be placed. */
  placer: () => Placer;
  wakeAt: (atMs: number) => void;
}
