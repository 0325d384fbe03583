/**
 * How a generation comes to run: created, tried, replica by replica, or given up and rolled back. Pure, like `follow.ts`,
 * which it is a part of.
 * @module
 */
import type { ReplicaView, ServiceView } from "../../../wire/api.ts";
import type { RolloutView } from "../../../wire/change.ts";
import { replicasSeen, type Sight } from "./sight.ts";
import { crashLoop, type Ending, isLeaving, isStuck, type Standing, waitingWords } from "./standing.ts";

interface Seen {
  service: ServiceView;
  sight: Sight;
}

/** How the service stands on its way to a generation. */
export function releaseStanding({ generation }: { generation: number }, seen: Seen): Standing {
  const { service, sight } = seen;
  const { name } = service;
  if (service.generation < generation) return { line: `${name}  generation ${generation}  not begun` };
  if (service.generation > generation) return overtaken(generation, seen);
  const rollout = service.rollout?.to === generation ? service.rollout : null;
  const line = lineOf(seen, rollout);
  const ending = endingOf(seen, rollout);
  if (ending !== undefined) return { line, ending };
  return { line, ...(isStuck(service, sight) && { stuck: true }) };
}

function lineOf({ service, sight }: Seen, rollout: RolloutView | null): string {
  const { name, generation, desired, ready } = service;
  const phase = rollout?.paused ? "  paused" : rollout?.phase === "canary" ? "  tried" : "";
  const updated = rollout === null ? "" : `  ${rollout.updated}/${desired} updated`;
  const isReady = rollout === null ? `  ${ready}/${desired} ready` : `  ${ready} ready`;
  return `${name}  generation ${generation}${phase}${updated}${isReady}${waitingWords(service, sight)}`;
}

function endingOf({ service, sight }: Seen, rollout: RolloutView | null): Ending | undefined {
  const { name, generation, desired, ready, assigned } = service;
  if (rollout?.phase === "failed") {
    const { reason, last_words: lastWords } = rollout;
    const next = `Nothing was rolled back: "controller rollback ${name}" does it, another spec replaces it.`;
    return { kind: "failed", text: `${name}: generation ${generation} failed: ${reason}`, next, lastWords };
  }
  if (rollout !== null && rollout.phase !== "done") {
    if (rollout.paused) return pausedEnding(service, rollout);
    return isTried({ service, sight }, rollout) ? triedEnding(service) : undefined;
  }
  if (ready === desired && assigned === desired) {
    return { kind: "reached", text: `${name}  generation ${generation} runs: ${ready} of ${desired} ready` };
  }
  return crashLoop(service, sight);
}

function pausedEnding({ name, generation }: ServiceView, { reason }: RolloutView): Ending {
  const why = reason === "" ? "" : ` (${reason})`;
  const text = `${name}  generation ${generation} goes no further: its rollout is paused${why}`;
  return { kind: "held", text, next: `"controller resume ${name}" lets it go on.` };
}

function triedEnding({ name, generation }: ServiceView): Ending {
  return {
    kind: "held",
    text: `${name}  generation ${generation} is tried, and ready`,
    next: `"controller promote ${name}" lets it take over, "controller rollback ${name}" takes it back.`,
  };
}

/** Whether what is tried is all there, and only a word of somebody is missing. */
function isTried({ service, sight }: Seen, { phase, to }: RolloutView): boolean {
  const { name, desired, spec: { update } } = service;
  if (phase !== "canary" || update.auto_promote) return false;
  const needed = update.strategy === "blue_green" ? desired : Math.min(update.canary, desired);
  const isGood = (replica: ReplicaView) => replica.generation === to && replica.ready && !isLeaving(replica);
  return new Set(replicasSeen(sight, name).filter(isGood).map(({ slot }) => slot)).size >= needed;
}

/** There is a later generation: a rollback, or somebody else's. */
function overtaken(generation: number, { service }: Seen): Standing {
  const { name, rollout, cause, by } = service;
  if (rollout === null || rollout.cause !== "rollback" || rollout.to !== service.generation) {
    const who = by === null ? "" : ` of ${by}`;
    const text =
      `${name}: generation ${generation} was overtaken by generation ${service.generation}, a ${cause}${who}`;
    return { line: `${name}  overtaken`, ending: { kind: "failed", text, lastWords: [] } };
  }
  const { reason, from, phase, last_words: lastWords } = rollout;
  const back = from === null ? "" : ` to generation ${from}`;
  const line = `${name}  generation ${generation} is rolled back${back}: ${reason}`;
  if (phase === "canary" || phase === "rolling") return { line };
  const how = phase === "done" ? `rolled back${back}` : `and so did its rollback${back}`;
  return { line, ending: { kind: "failed", text: `${name}: ${reason}; ${how}`, lastWords } };
}
