/**
 * Evening the cluster out, when an operator wants it: what would be moved, with what each move gains, and the word to go.
 * @module
 */
import { explainBalance } from "../../plan/rebalance.ts";
import type { Rebalance } from "../../wire/rebalance.ts";
import { json } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { CONDITIONS } from "./precondition.ts";
import { flagIn } from "./query.ts";
import { route } from "./route.ts";
import { transact } from "./transact.ts";

export const rebalanceRoutes: readonly Route[] = [
  route("rebalance", { refuses: CONDITIONS, handle: postRebalance }),
];

async function postRebalance(call: Call): Promise<Response> {
  const { api } = call.var;
  const moves = explainBalance(api.state, api.clock.now()).map(({ replica: { record }, from, to, gain, reason }) => ({
    replica: record.id,
    service: record.service,
    slot: record.slot,
    from: from.record.name,
    to: to.record.name,
    gain: Math.round(gain * 100) / 100,
    reason,
  }));
  if (flagIn(call, "dry_run")) return json({ moves } satisfies Rebalance);
  let isRepeated = true;
  const answer = await transact(call, () => {
    isRepeated = false;
    return { changes: [], status: 202, body: { moves } satisfies Rebalance };
  });
  if (answer.ok && !isRepeated) api.rebalance();
  return answer;
}
