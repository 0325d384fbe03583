/**
 * The generations of a service and the way from one to the next: its history, the way back to a former generation, and
 * the operator's hand on a rollout that is under way (pause, resume, promote). A word about a rollout is a write to its
 * service: it has a new revision then, so that of two who decide at once exactly one does.
 * @module
 */
import { put } from "../../cluster/record.ts";
import { isUnderWay } from "../../cluster/rollout.ts";
import { type Generation, generationOf, isPresent, type ServiceRecord } from "../../cluster/service_record.ts";
import type { ServiceState } from "../../cluster/state.ts";
import type { GenerationView } from "../../wire/change.ts";
import { portClaimedTwice } from "../change/port_claim.ts";
import { lastGood, release } from "../change/release.ts";
import { unknownService } from "./access/access.ts";
import { conflict, notFound, portTaken } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { originOf } from "./origin.ts";
import { answerPage } from "./page.ts";
import { unmetCondition } from "./precondition.ts";
import { flagIn } from "./query.ts";
import { bodyOf, route } from "./route.ts";
import { beingRemoved } from "./scale.ts";
import { asWritten, nameIn, serviceIn } from "./services.ts";
import { pause, promote, resume, type Steering } from "./steering.ts";
import { type Draft, transact } from "./transact.ts";
import { rolloutView, serviceRevision } from "./views.ts";

const DIGITS = 16;

export const releaseRoutes: readonly Route[] = [
  route("listGenerations", { scope: "named", handle: history }),
  route("rollbackService", { scope: "named", handle: rollBack }),
  route("pauseService", { scope: "named", handle: (call) => steer(call, pause) }),
  route("resumeService", { scope: "named", handle: (call) => steer(call, resume) }),
  route("promoteService", { scope: "named", handle: (call) => steer(call, promote) }),
];

function history(call: Call): Response {
  const service = serviceIn(call);
  if (service instanceof Response) return service;
  const { record } = service;
  return answerPage<Generation, GenerationView>(call, {
    items: [...record.history, record],
    // Lists go by ascending keys, and the newest is to be the first.
    keyOf: ({ generation }) => String(Number.MAX_SAFE_INTEGER - generation).padStart(DIGITS, "0"),
    viewOf: ({ generation, at, by, cause, changes, failed, spec }) => {
      return { generation, at, by, cause, changes, failed, present: generation === record.generation, spec };
    },
  });
}

/** A write to a service that is there and stays. */
function change(
  call: Call,
  draft: (service: ServiceState, next: { revision: number; former: number }) => Draft | Response,
): Promise<Response> {
  const name = nameIn(call);
  return transact(call, (state, revision) => {
    const service = state.services.get(name);
    const former = serviceRevision(state, name);
    const unmet = unmetCondition(call.req.raw.headers, former);
    if (unmet !== undefined) return unmet;
    if (service === undefined) return unknownService(call, name);
    if (service.record.removed) return beingRemoved(name);
    return draft(service, { revision, former: former ?? 0 });
  });
}

function rollBack(call: Call): Promise<Response> | Response {
  const given = bodyOf(call, "rollbackService");
  if (given instanceof Response) return given;
  return change(call, (service, { revision }) => {
    const { record: present } = service;
    const target = given.generation ?? usualTarget(service);
    const former = target === undefined ? undefined : generationOf(present, target);
    if (target === present.generation) {
      const detail = `${present.name} is at generation ${target} already; ${keptOf(present)}`;
      return conflict("nothing-to-roll-back", { title: "It is the present generation", detail });
    }
    if (given.generation !== undefined && former === undefined) {
      return notFound("generation", { name: String(given.generation), known: keptNumbers(present).map(String) });
    }
    if (former === undefined) {
      const detail = `${present.name} has no former generation that is known to be good; ${keptOf(present)}`;
      return conflict("nothing-to-roll-back", { title: "There is nothing to go back to", detail });
    }
    const { state } = call.var.api;
    const claimed = portClaimedTwice(state, [former.spec]);
    if (claimed !== undefined) return portTaken(claimed);
    const origin = { ...originOf(call), cause: "rollback" as const };
    const back = release(state, { ...former.spec, replicas: present.desired }, origin);
    const reason = `${origin.by ?? "somebody"} goes back to what generation ${target} ran`;
    const changes = back.changes.map((one) =>
      one.op === "put" && one.record.type === "rollout" ? put({ ...one.record, reason }) : one
    );
    return { changes, status: 202, body: { ...asWritten(back.record, revision), to: target } };
  });
}

/** The last good generation while a rollout has yet to prove its own; else the last one that ran something else. */
function usualTarget(service: ServiceState): number | undefined {
  const { record, rollout } = service;
  if (isUnderWay(rollout) || rollout?.record.phase === "failed") return lastGood(service) ?? undefined;
  return record.history.findLast(({ generation, failed }) => !failed && !isPresent(record, generation))?.generation;
}

function keptNumbers({ history }: ServiceRecord): number[] {
  return history.map(({ generation }) => generation);
}

function keptOf(record: ServiceRecord): string {
  return `former generations that are kept: ${keptNumbers(record).join(", ") || "none"}`;
}

function steer(call: Call, steering: Steering): Promise<Response> {
  return change(call, (service, { revision, former }) => {
    const { record, rollout } = service;
    const refuse = (type: string, detail: string) =>
      conflict(type, { title: "The rollout is not there for this", detail: `${record.name}: ${detail}` });
    if (rollout === undefined || !isUnderWay(rollout)) {
      const ended = rollout === undefined ? "there was none lately" : `the last one is ${rollout.record.phase}`;
      return refuse("no-rollout", `no rollout is under way: ${ended}`);
    }
    const { at, by } = originOf(call);
    const { state } = call.var.api;
    const forced = flagIn(call, "force");
    const steered = steering({ state, service, rollout: rollout.record, by: by ?? "somebody", forced });
    if (steered === "unchanged") {
      return { changes: [], status: 200, body: steeredView(service, former), revision: former };
    }
    if ("refused" in steered) return refuse(steered.refused, steered.detail);
    const next = { ...steered, changed: at };
    const after = { ...service, rollout: { ...rollout, record: next } };
    return { changes: [put(record), put(next)], status: 200, body: steeredView(after, revision) };
  });

  function steeredView(service: ServiceState, revision: number) {
    return { ...asWritten(service.record, revision), rollout: rolloutView(call.var.api.state, service) };
  }
}
