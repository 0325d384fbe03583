/**
 * What of a view is news to who watches: all but what time alone changes. Two views with the same news are told once.
 * @module
 */
import type { NodeView, ReplicaView, ServiceView } from "../../wire/api.ts";

/** As a text, to be compared. */
export function newsIn(view: NodeView | ReplicaView | ServiceView): string {
  if ("last_seen_s" in view) {
    return JSON.stringify({ ...view, last_seen_s: view.last_seen_s === null, drain: timeless(view.drain) });
  }
  return JSON.stringify("uptime_s" in view ? { ...view, uptime_s: view.uptime_s === null } : view);
}

/** By the clock of the wall, which may be set, the deadline is now and then another one. */
function timeless(drain: NodeView["drain"]): unknown {
  return drain && { ...drain, deadline_at: null };
}
