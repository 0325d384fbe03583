/**
 * What operators do about generations: releases good and bad under whatever policy, changes in place, restarts, and their
 * hand on a rollout that is under way. All of it goes through `release`, as the API's calls do.
 * @module
 */
import { put } from "../../lib/cluster/record.ts";
import { isUnderWay, type RolloutCause, type RolloutRecord } from "../../lib/cluster/rollout.ts";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import type { ServiceRecord } from "../../lib/cluster/service_record.ts";
import type { ServiceState } from "../../lib/cluster/state.ts";
import { keepsData } from "../../lib/cluster/surroundings.ts";
import { isExclusive } from "../../lib/cluster/isolation.ts";
import { lastGood, release } from "../../lib/controller/change/release.ts";
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import { type Deed, leaderOf, type Stage } from "./stage.ts";
import { type Action, later, serviceIn, write } from "./writing.ts";

/** What is wrong with the program of a bad release; programs read it from their environment. */
export const FAULTY = ["crashes", "never ready", "exits later"] as const;
export const FAULT_VARIABLE = "FAULT";

/** Between a release and a word about it. */
const HALFWAY_MS = { min: 10, max: 6_000 };

/** Who writes by hand. */
export const OPERATOR = "operator";

type Update = ServiceSpec["update"];

/** How an operator who wants to go home releases: step by step, with nothing left to be decided. */
const PLAIN: Partial<Update> = { min_healthy: "1s", auto_promote: true };

export const RELEASES: Record<string, Action> = {
  "release": (stage, deed) => renew(stage, deed, {}),
  "release once more": (stage, deed) => renew(stage, deed, {}),
  "release what is bad": (stage, deed) => renew(stage, deed, { [FAULT_VARIABLE]: oneOf(FAULTY, deed.random) }),
  "release again before that is done": (stage, deed) => {
    renew(stage, deed, {});
    later(stage, deed.forMs, () => renew(stage, deed, {}));
  },
  "release and pause it halfway": (stage, deed) => {
    const name = renew(stage, deed, {});
    if (name === undefined) return;
    const pausedMs = intBetween(deed.random, HALFWAY_MS);
    later(stage, pausedMs, () => pause(stage, name));
    later(stage, pausedMs + deed.forMs, () => resume(stage, name));
  },
  "change in place": (stage, deed) => {
    const service = serviceIn(stage, deed);
    if (service === undefined || service.removed) return;
    const { stop, health } = service.spec;
    const timeout = stop.timeout === "5s" ? "7s" : "5s";
    const interval = oneOf(["5s", "10s"], deed.random);
    const changed = deed.random.next() < 0.5 || health === undefined
      ? { stop: { ...stop, timeout } }
      : { health: { ...health, interval } };
    bring(stage, { ...service.spec, ...changed, replicas: service.desired }, "release");
  },
  "restart a service": (stage, deed) => {
    const service = serviceIn(stage, deed);
    if (service === undefined || service.removed) return;
    bring(stage, { ...service.spec, replicas: service.desired }, "restart");
  },
  "pause a rollout": (stage, deed) => {
    const name = steer(stage, deed, (rollout) => rollout.paused ? undefined : { ...rollout, paused: true });
    if (name !== undefined) later(stage, deed.forMs, () => resume(stage, name));
  },
  "promote": (stage, deed) => {
    steer(stage, deed, promoted);
  },
  "roll back": (stage, deed) => {
    const service = serviceState(stage, serviceIn(stage, deed)?.name);
    if (service === undefined || service.record.removed) return;
    const unproven = isUnderWay(service.rollout) || service.rollout?.record.phase === "failed";
    const to = unproven ? lastGood(service) : service.record.history.at(-1)?.generation;
    const former = service.record.history.find(({ generation }) => generation === to);
    if (former !== undefined) bring(stage, { ...former.spec, replicas: service.record.desired }, "rollback");
  },
};

/** Brings about what a spec says. */
export function bring(stage: Stage, spec: ServiceSpec, cause: RolloutCause) {
  const state = leaderOf(stage)?.loop?.state;
  if (state === undefined) return "refused";
  const { changes } = release(state, spec, { at: stage.timeline.wall, by: OPERATOR, cause });
  return changes.length === 0 ? "acknowledged" : write(stage, changes, state.revision);
}

/** Lets every rollout come to an end: nothing is paused, tried or failed, and nothing bad is to run. */
export function settleRollouts(stage: Stage): void {
  for (const { record, rollout } of leaderOf(stage)?.loop?.state.services.values() ?? []) {
    if (record.removed) continue;
    const isGivenUp = rollout?.record.phase === "failed" || rollout?.record.cause === "rollback";
    if (record.spec.env[FAULT_VARIABLE] !== undefined || (isGivenUp && rollout?.record.phase !== "done")) {
      bring(stage, renewed(record, { update: PLAIN, env: {} }), "release");
    } else if (isUnderWay(rollout) && rollout?.record.paused) resume(stage, record.name);
    else if (rollout?.record.phase === "canary") steerOne(stage, record.name, promoted);
  }
}

/** Releases a service anew, and returns its name. */
function renew(stage: Stage, deed: Deed, env: Record<string, string>): string | undefined {
  const service = serviceIn(stage, deed);
  if (service === undefined || service.removed) return undefined;
  bring(stage, renewed(service, { update: policy(service.spec, deed.random), env }), "release");
  return service.name;
}

function renewed(service: ServiceRecord, { update, env }: { update: Partial<Update>; env: Record<string, string> }) {
  const { generation, desired: replicas } = service;
  return ServiceSpec.parse({ ...service.spec, replicas, env: { RELEASE: String(generation), ...env }, update });
}

function policy(spec: ServiceSpec, random: Random): Partial<Update> {
  const takesTurns = keepsData(spec) || isExclusive(spec);
  const missing = oneOf([0, 1, 2], random);
  const isGreen = !takesTurns && random.next() < 0.25;
  return {
    strategy: isGreen ? "blue_green" : "rolling",
    max_surge: !isGreen && missing > 0 && random.next() < 0.3 ? 0 : oneOf([1, 2, "50%"], random),
    max_unavailable: missing,
    min_healthy: oneOf(["0s", "5s"], random),
    deadline: oneOf(["60s", "5m"], random),
    canary: isGreen ? 0 : oneOf([0, 0, 1], random),
    auto_promote: random.next() < 0.6,
    auto_rollback: random.next() < 0.7,
  };
}

/** Steers the rollout of a service where one is under way. Returns its name where that was done. */
function steer(stage: Stage, { random }: Deed, next: Steering): string | undefined {
  const services = [...leaderOf(stage)?.loop?.state.services.values() ?? []];
  const underWay = services.filter(({ record, rollout }) => !record.removed && isUnderWay(rollout));
  if (underWay.length === 0) return undefined;
  const { record: { name } } = underWay[intBetween(random, { min: 0, max: underWay.length - 1 })]!;
  return steerOne(stage, name, next) === "acknowledged" ? name : undefined;
}

type Steering = (rollout: RolloutRecord) => RolloutRecord | undefined;

function steerOne(stage: Stage, name: string, next: Steering) {
  const state = leaderOf(stage)?.loop?.state;
  const service = serviceState(stage, name);
  if (state === undefined || service === undefined || !isUnderWay(service.rollout)) return "refused";
  const rollout = service.rollout && next(service.rollout.record);
  return rollout === undefined ? "refused" : write(stage, [put(service.record), put(rollout)], state.revision);
}

function pause(stage: Stage, name: string): void {
  steerOne(stage, name, (rollout) => rollout.paused ? undefined : { ...rollout, paused: true });
}

function resume(stage: Stage, name: string): void {
  steerOne(stage, name, (rollout) => rollout.paused ? { ...rollout, paused: false } : undefined);
}

function promoted(rollout: RolloutRecord): RolloutRecord | undefined {
  return rollout.phase === "canary" && !rollout.paused ? { ...rollout, phase: "rolling" } : undefined;
}

function serviceState(stage: Stage, name: string | undefined): ServiceState | undefined {
  return leaderOf(stage)?.loop?.state.services.get(name ?? "");
}

function oneOf<T>(choices: readonly T[], random: Random): T {
  return choices[intBetween(random, { min: 0, max: choices.length - 1 })]!;
}
