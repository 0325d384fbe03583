/**
 * What is done about a replica that keeps data where any other would be moved away: it stays with its data. Only the
 * removal of the node frees its slot, because nobody but the operator knows whether the data will ever be back.
 * @module
 */
import type { NodeState } from "../cluster/node.ts";
import type { ReplicaState } from "../cluster/replica.ts";
import { type Draft, stop, wait } from "./draft.ts";
import { boundTo, exitWords } from "./reason.ts";

interface AtHome {
  replica: ReplicaState;
  node: NodeState;
}

/** Its node is lost: the assignment stays, so that the process is still its own when the node is back. */
export function awaitHome(draft: Draft, { replica, node }: AtHome): void {
  wait(draft, replica, `node ${node.record.name} is lost (${node.cause ?? "never heard"}); ${boundTo(node)}`);
}

/** Its node is being emptied: it runs on for as long as its agent lets it. */
export function stayUntilHomeLeaves(draft: Draft, { replica, node }: AtHome): void {
  const { name } = node.record;
  if (node.leaving) return stop(draft, replica, `node ${name} is leaving, and its data stays there`);
  const deadline = node.record.drain?.deadline ?? null;
  const end = deadline === null
    ? "; scale down to stop it"
    : ` until the deadline of ${deadline}, and then waits for it`;
  wait(draft, replica, `node ${name} is being drained, and its data is there: it runs on${end}`);
}

/** Its restarts are used up: its agent goes on trying, with its back-off. */
export function stayThoughCrashed(draft: Draft, { replica, node }: AtHome): void {
  const { observed } = replica;
  const times = `crashed ${observed?.crashes ?? 0} times on ${node.record.name}`;
  wait(draft, replica, `${times}; it stays, as its data is there; last: ${exitWords(observed)}`);
}
