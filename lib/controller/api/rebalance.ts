/**
 * Evening the cluster out, when an operator wants it: what would be moved, with what each move gains, and the word to go.
 * @module
 */
import { explainBalance } from "../../plan/rebalance.ts";
import type { Rebalance } from "../../wire/rebalance.ts";
import { badRequest, json } from "./answer.ts";
import type { Call, Route } from "./context.ts";

export const rebalanceRoutes: readonly Route[] = [
  { method: "POST", path: "/v1/rebalance", handle: postRebalance },
];

function postRebalance({ req, var: { api } }: Call): Response {
  const dry = req.query("dry_run") ?? "false";
  if (dry !== "true" && dry !== "false") return badRequest('"dry_run" is true or false');
  const moves = explainBalance(api.state, api.clock.now()).map(({ replica: { record }, from, to, gain, reason }) => ({
    replica: record.id,
    service: record.service,
    slot: record.slot,
    from: from.record.name,
    to: to.record.name,
    gain: Math.round(gain * 100) / 100,
    reason,
  }));
  if (dry === "true") return json({ moves } satisfies Rebalance);
  api.rebalance();
  return json({ moves } satisfies Rebalance, { status: 202 });
}
