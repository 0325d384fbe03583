/**
 * How long a crashed replica waits before it is started again: not at all the first time, then twice as long each time
 * up to a maximum. The agent waits by it in place; the controller moves the replica when its attempts are used up.
 * @module
 */
import { parseDurationMs } from "../runtime/duration.ts";
import type { RestartPolicy } from "./service.ts";

/** The pause before the start that follows the `crashes`th crash within the policy's window. */
export function backoffMs(policy: RestartPolicy, crashes: number): number {
  if (crashes <= 1) return 0;
  return Math.min(parseDurationMs(policy.backoff) * 2 ** (crashes - 2), parseDurationMs(policy.backoff_max));
}

/** Whether it has been restarted in place as often as the policy wants. */
export function attemptsUsedUp(policy: RestartPolicy, crashes: number): boolean {
  return crashes > policy.attempts;
}
