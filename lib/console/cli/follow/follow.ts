/**
 * What is followed after a change: how far it has come, in one line, and how it has ended. Pure: a goal and a sight of
 * the cluster in, words out; `follow_until.ts` watches and prints. `follow_release.ts` knows the way of a generation.
 * @module
 */
import type { NodeView, ServiceView } from "../../../wire/api.ts";
import { counted } from "../../render/amount.ts";
import { releaseStanding } from "./follow_release.ts";
import type { Sight } from "./sight.ts";
import { crashLoop, isStuck, type Standing, waitingWords } from "./standing.ts";

/** What is waited for. */
export type Goal =
  /** A generation runs everywhere. */
  | { kind: "release"; service: string; generation: number }
  /** As many replicas as wanted, no more and no fewer. */
  | { kind: "scaled"; service: string; desired: number }
  /** As many replicas are ready as wanted. */
  | { kind: "ready"; service: string }
  /** A replica has another process, which is ready. */
  | { kind: "restarted"; service: string; replica: string; name: string; instance: string | null }
  | { kind: "gone"; service: string }
  | { kind: "drained"; node: string; name: string };

/** How a goal stands. */
export function standingOf(goal: Goal, sight: Sight): Standing {
  if (sight.away !== null) return { line: `${subjectOf(goal)}  waiting for the controller: ${sight.away}` };
  switch (goal.kind) {
    case "release":
      return ofService(goal, sight, (service) => releaseStanding(goal, { service, sight }));
    case "scaled":
      return ofService(goal, sight, (service) => scaledStanding(goal, { service, sight }));
    case "ready":
      return ofService(goal, sight, (service) => readyStanding(service, sight));
    case "restarted":
      return restartedStanding(goal, sight);
    case "gone":
      return goneStanding(goal, sight);
    case "drained":
      return drainedStanding(goal, sight.nodes.get(goal.node));
    default:
      return goal satisfies never;
  }
}

/** What a goal is about, by name. */
export function subjectOf(goal: Goal): string {
  return goal.kind === "drained" || goal.kind === "restarted" ? goal.name : goal.service;
}

/** The command that goes on watching. */
export function watchAgain(goal: Goal): string {
  const kinds = { release: "rollout", scaled: "ready", ready: "ready", restarted: "ready", gone: "gone" } as const;
  if (goal.kind === "drained") return `controller wait --for drained ${goal.name}`;
  return `controller wait --for ${kinds[goal.kind]} ${goal.service}`;
}

function ofService(goal: Goal, sight: Sight, standing: (service: ServiceView) => Standing): Standing {
  const name = subjectOf(goal);
  const service = sight.services.get(name);
  if (service !== undefined && !service.removed) return standing(service);
  const text = service === undefined ? "it is not there any more" : "it is being removed";
  return { line: `${name}  ${text}`, ending: { kind: "failed", text: `${name}: ${text}`, lastWords: [] } };
}

interface Seen {
  service: ServiceView;
  sight: Sight;
}

function scaledStanding({ desired }: Extract<Goal, { kind: "scaled" }>, { service, sight }: Seen): Standing {
  const { name, ready, assigned } = service;
  const left = assigned > desired ? `  ${assigned - desired} to stop` : "";
  const line = `${name}  ${ready}/${desired} ready${left}${waitingWords(service, sight)}`;
  if (service.desired !== desired) {
    const text = `${name}: somebody scaled it to ${service.desired} meanwhile`;
    return { line, ending: { kind: "failed", text, lastWords: [] } };
  }
  if (ready === desired && assigned === desired) {
    return { line, ending: { kind: "reached", text: `${name}  ${ready} of ${desired} ready` } };
  }
  const crashed = crashLoop(service, sight);
  if (crashed !== undefined) return { line, ending: crashed };
  return { line, ...(isStuck(service, sight) && { stuck: true }) };
}

function readyStanding(service: ServiceView, sight: Sight): Standing {
  const { name, ready, desired } = service;
  const line = `${name}  ${ready}/${desired} ready${waitingWords(service, sight)}`;
  if (ready < desired) return { line, ...(isStuck(service, sight) && { stuck: true }) };
  return { line, ending: { kind: "reached", text: `${name}  ${ready} of ${desired} ready` } };
}

function restartedStanding(
  { replica: id, name, instance }: Extract<Goal, { kind: "restarted" }>,
  sight: Sight,
): Standing {
  const replica = sight.replicas.get(id);
  // In between it stops, as one that goes for good does: that it isn't there any more tells them apart.
  if (replica === undefined) {
    const text = `${name}: it was stopped meanwhile, and another takes its place`;
    return { line: `${name}  stopped`, ending: { kind: "failed", text, lastWords: [] } };
  }
  const isNew = replica.instance !== instance;
  const line = `${name}  ${isNew ? `${replica.phase}${replica.ready ? ", ready" : ""}` : "restarting"}`;
  if (!isNew || !replica.ready) return { line };
  return { line, ending: { kind: "reached", text: `${name}  restarted and ready on ${replica.node_name}` } };
}

function goneStanding({ service: name }: Extract<Goal, { kind: "gone" }>, sight: Sight): Standing {
  const service = sight.services.get(name);
  if (service === undefined) return { line: `${name}  gone`, ending: { kind: "reached", text: `${name}  is gone` } };
  return { line: `${name}  ${counted(service.assigned, "replica")} left${waitingWords(service, sight)}` };
}

function drainedStanding({ name }: Extract<Goal, { kind: "drained" }>, node: NodeView | undefined): Standing {
  if (node === undefined) {
    return { line: `${name}  removed`, ending: { kind: "reached", text: `${name}  is no node any more` } };
  }
  const { draining, drain, replicas } = node;
  if (!draining) {
    const text = `${name}: it is not being drained; "controller node drain ${name}" does it`;
    return { line: `${name}  not drained`, ending: { kind: "failed", text, lastWords: [] } };
  }
  const left = drain?.remaining ?? replicas;
  const moved = drain?.moved ?? 0;
  if (left === 0) {
    const text = `${name}  is empty: ${counted(moved, "replica")} moved`;
    return { line: `${name}  empty`, ending: { kind: "reached", text } };
  }
  const [waiting] = drain?.waiting ?? [];
  const why = drain?.overdue
    ? "  its deadline is over"
    : waiting === undefined
    ? ""
    : `  waiting: ${waiting.replace(" waits: ", ": ")}`;
  return { line: `${name}  ${moved} moved  ${left} left${why}` };
}
