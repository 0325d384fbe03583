/**
 * What a rollout can't reach for now: slots whose data is on nodes that are lost or being emptied. Where nothing else can
 * be done it waits for these nodes, and its deadline with it.
 * @module
 */
import type { NodeState } from "../cluster/node.ts";
import { nameOf } from "../cluster/replica.ts";
import { isPresent } from "../cluster/service_record.ts";
import { homeOf, isBeingEmptied, type ServiceState } from "../cluster/state.ts";
import { keepsData } from "../cluster/surroundings.ts";
import type { Draft } from "./draft.ts";
import { budgetFor, isAvailable } from "./progress.ts";

/** Slots that are named in the reason. */
const SLOTS_NAMED_MAX = 5;

interface HeldUp {
  slot: number;
  node: NodeState;
}

/** The slots that are held up, where nothing can be done before their nodes are back; else none. */
export function heldUpSlots(draft: Draft, service: ServiceState): HeldUp[] {
  const { record } = service;
  if (!keepsData(record.spec)) return [];
  const held: HeldUp[] = [];
  let missing = 0;
  let isAnyLeft = false;
  for (let slot = 0; slot < record.desired; slot++) {
    const replicas = (service.slots.get(slot) ?? []).flatMap((id) => draft.state.replicas.get(id) ?? []);
    const available = replicas.filter((replica) => isAvailable(draft, service, replica));
    if (available.some((replica) => isPresent(record, replica.record.generation))) continue;
    const node = homeOf(draft.state, service, { slot, generation: record.generation });
    if (node !== undefined && (node.liveness === "lost" || isBeingEmptied(node))) {
      held.push({ slot, node });
      missing += available.length === 0 ? 1 : 0;
    } else if (available.length === 0) return [];
    else isAnyLeft = true;
  }
  // Where they are as many as may be missing, the others have to wait for them.
  return isAnyLeft && missing < budgetFor(service).unavailable ? [] : held;
}

/** Says which slots a rollout waits for, where it waits for nothing else. */
export function awaitHeldUp(draft: Draft, service: ServiceState): void {
  const { name, generation } = service.record;
  const held = heldUpSlots(draft, service);
  const [first] = held;
  if (first === undefined) return;
  const named = held.slice(0, SLOTS_NAMED_MAX).map(({ slot, node }) =>
    `${nameOf({ service: name, slot })} on ${node.record.name}`
  );
  const rest = held.length > named.length ? ` and ${held.length - named.length} more` : "";
  const reason = `generation ${generation} waits for nodes that are lost or being emptied, as data is there: ` +
    `${named.join(", ")}${rest}`;
  draft.waits.push({ service: name, slot: first.slot, reason, kind: "step" });
}
