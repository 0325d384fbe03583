/**
 * The part of a cluster that somebody may see while they watch it. Whose token is for some services sees those, what
 * happens to them, and the nodes that carry them as if these carried nothing else; all others see everything.
 * @module
 */
import type { EventView, NodeView } from "../../wire/api.ts";
import type { ApiContext } from "../api/context.ts";
import { nodeView } from "../api/views.ts";
import { covers, isScoped, type Principal } from "../people/principal.ts";

export function seesEvent(who: Principal, { service }: EventView): boolean {
  return !isScoped(who) || (service !== undefined && covers(who, service));
}

/** The node as it is for them; undefined where there is none, or it carries nothing of theirs. */
export function ownNodeView(
  viewer: Pick<ApiContext, "state" | "clock" | "waits" | "leader">,
  id: string,
  who: Principal,
): NodeView | undefined {
  const node = viewer.state.nodes.get(id);
  if (node === undefined) return undefined;
  const view = nodeView(viewer, node);
  if (!isScoped(who)) return view;
  let replicas = 0;
  const reserved = { cpu: 0, memory: 0 };
  for (const id of node.replicas) {
    const replica = viewer.state.replicas.get(id);
    if (replica === undefined || !covers(who, replica.record.service)) continue;
    replicas += 1;
    reserved.cpu += replica.resources.cpu;
    reserved.memory += replica.resources.memory;
  }
  // How far its emptying has come is said in words about all that was there.
  return replicas === 0 ? undefined : { ...view, replicas, reserved, drain: null };
}
