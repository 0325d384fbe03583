/**
 * Everything that steps of the script may lay their hands on.
 * @module
 */
import type { Random } from "../../lib/runtime/random.ts";
import type { Controller } from "./controller.ts";
import type { Host } from "./host.ts";
import type { Judge } from "./judge.ts";
import type { Ledger } from "./ledger.ts";
import type { SharedStore } from "./shared_store.ts";
import type { Timeline } from "./timeline.ts";

export interface Stage {
  timeline: Timeline;
  hosts: readonly Host[];
  /** Who answers at the address of each host. */
  addresses: Map<string, Host>;
  controllers: readonly Controller[];
  ledger: Ledger;
  /** Where controllers share a store. */
  shared: SharedStore | undefined;
  judge: Judge;
  note: (text: string) => void;
  /** All faults have ended, and operators have gone home. */
  isCalm: () => boolean;
}

/** What one step works with. */
export interface Deed {
  host: Host;
  forMs: number;
  random: Random;
}

/** The controller that decides. A deposed one that doesn't know it yet comes after the one that deposed it. */
export function leaderOf({ controllers }: Pick<Stage, "controllers">): Controller | undefined {
  const leading = controllers.filter(({ loop }) => loop !== undefined);
  return leading.sort((a, b) => (b.loop?.state.epoch ?? 0) - (a.loop?.state.epoch ?? 0))[0];
}
