/**
 * The actions of a plan as people see what happens: a start and a stop of one slot are one step, a replica that is
 * replaced or moves. Pure; `plan_page.ts` shows them.
 * @module
 */
import type { Planned, PlannedAction } from "../../wire/change.ts";

export type Verb = "start" | "stop" | "replace" | "move" | "promote" | "roll back" | "remove";

export interface PlanStep {
  verb: Verb;
  /** `web.2`, or the service. */
  subject: string;
  /** The node, or from which to which. */
  where: string;
  reason: string;
}

interface Pair {
  start?: PlannedAction;
  stop?: PlannedAction;
}

/** The steps, in the order in which they begin. */
export function stepsOf(actions: Planned["actions"]): PlanStep[] {
  const steps: (Pair | PlanStep)[] = [];
  /** What has begun in a slot and may have another half. */
  const open = new Map<string, Pair>();
  const stopped = new Set<string>();
  for (const action of actions) {
    const slot = `${action.service}.${action.slot}`;
    const half = halfOf(action);
    if (half === undefined) {
      const step = ofService(action);
      if (step !== undefined) steps.push(step);
      continue;
    }
    const place = `${slot} ${action.node} ${action.generation}`;
    // What was stopped is forgotten in the end, which is no step of its own.
    if (action.kind === "forget" && stopped.delete(place)) continue;
    if (action.kind === "stop") stopped.add(place);
    const pair = open.get(slot);
    if (pair !== undefined && pair[half] === undefined) {
      pair[half] = action;
      open.delete(slot);
      continue;
    }
    const begun: Pair = { [half]: action };
    open.set(slot, begun);
    steps.push(begun);
  }
  return steps.map((step) => "verb" in step ? step : ofPair(step));
}

function halfOf({ kind, slot }: PlannedAction): "start" | "stop" | undefined {
  if (slot === null) return undefined;
  return kind === "start" ? "start" : kind === "stop" || kind === "forget" ? "stop" : undefined;
}

function ofService({ kind, service, reason }: PlannedAction): PlanStep | undefined {
  const verb = ({ promote: "promote", roll_back: "roll back", drop_service: "remove" } as const)[kind];
  return verb && { verb, subject: service, where: "", reason };
}

function ofPair({ start, stop }: Pair): PlanStep {
  const shown = start ?? stop;
  if (shown === undefined) throw new TypeError("A pair begins with one of its halves");
  const subject = `${shown.service}.${shown.slot}`;
  const { reason } = shown;
  const [from, to] = [stop?.node_name ?? "", start?.node_name ?? ""];
  if (start === undefined || stop === undefined) {
    return { verb: start === undefined ? "stop" : "start", subject, where: from || to, reason };
  }
  const isSame = start.generation === stop.generation;
  const where = start.node === stop.node ? to : `${from} → ${to}`;
  return { verb: isSame && start.node !== stop.node ? "move" : "replace", subject, where, reason };
}
