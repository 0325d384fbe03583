/**
 * What the host says about one instance, given to the step of its life that it is about.
 * @module
 */
import type { SessionInput } from "./effect.ts";
import type { Held } from "./held.ts";
import { ended, flooded, type Hands, lastWordsRead, probed, spawned, spawnFailed } from "./life.ts";
import { stopCommandEnded } from "./withdrawal.ts";

/** Takes it in. Returns whether nothing of the instance is left. */
export function hostSays(held: Held, input: Extract<SessionInput, { instance: string }>, hands: Hands): boolean {
  switch (input.kind) {
    case "spawned":
      spawned(held, input, hands);
      return false;
    case "probed":
      probed(held, input, hands);
      return false;
    case "stop_command_ended":
      stopCommandEnded(held, input, hands);
      return false;
    case "flooded":
      flooded(held, input, hands);
      return false;
    case "last_words":
      lastWordsRead(held, input);
      return false;
    case "spawn_failed":
      spawnFailed(held, input, hands);
      return true;
    case "exited":
      ended(held, input, hands);
      return true;
    default:
      return input satisfies never;
  }
}
