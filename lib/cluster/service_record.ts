/**
 * What the store keeps of a service: the spec of the present generation, the scale, and the generations before it with
 * who made each of them, when, and what was changed. The specs of former generations are kept because replicas of them
 * may still run, and because the operator may go back to them.
 * @module
 */
import * as z from "zod";
import { RolloutCause } from "./rollout.ts";
import { DEFAULT_SERVICE, KeptSpec, ServiceName, ServiceSpec } from "./service.ts";
import { changesBetween, runsAlike } from "./spec_change.ts";

/** Former generations that are kept. */
export const HISTORY_MAX = 20;

/** How a generation came about; of what an older version of Muster wrote, little is known. */
const Origin = z.object({
  at: z.string().nullable().default(null),
  by: z.string().nullable().default(null),
  cause: RolloutCause.default("release"),
  /** The fields of the spec that are other than in the generation before. */
  changes: z.array(z.string()).default([]),
  /** It was given up before it had proved itself: nobody goes back to it unless they name it. */
  failed: z.boolean().default(false),
});

export const Generation = z.object({ generation: z.int().min(1), spec: KeptSpec, ...Origin.shape });
export type Generation = z.infer<typeof Generation>;

/** What the store keeps of a service. */
export const ServiceRecord = z.object({
  type: z.literal("service"),
  name: ServiceName,
  ...Generation.shape,
  /** Former generations, newest last. */
  history: z.array(Generation),
  /** Former generations whose processes are as good as the present one's: they only differ in what is changed in place. */
  alike: z.array(z.int().min(1)).default([]),
  /** How many replicas are wanted: the scale, which changes without a new generation. */
  desired: z.int().min(0),
  /** Set by the operator's removal; the record goes once its last replica has. */
  removed: z.boolean(),
});
export type ServiceRecord = z.infer<typeof ServiceRecord>;

/** Who made a generation, when and why. */
export type Origin = Omit<z.infer<typeof Origin>, "changes" | "failed">;

const UNKNOWN_ORIGIN: Origin = { at: null, by: null, cause: "release" };

/** A service that was not there before. */
export function firstGeneration(spec: ServiceSpec, origin: Origin = UNKNOWN_ORIGIN): ServiceRecord {
  return {
    type: "service",
    name: spec.name,
    generation: 1,
    spec,
    ...origin,
    changes: [],
    failed: false,
    history: [],
    alike: [],
    desired: spec.replicas,
    removed: false,
  };
}

/** The default service as it is before anybody scales it. */
export function defaultService(): ServiceRecord {
  const spec = { name: DEFAULT_SERVICE, command: [DEFAULT_SERVICE], replicas: 0, health: { http: "/readyz" } };
  return firstGeneration(ServiceSpec.parse(spec));
}

/** The generation of that number, as far as it is still kept. */
export function generationOf(service: ServiceRecord, generation: number): Generation | undefined {
  if (generation === service.generation) return service;
  return service.history.find((former) => former.generation === generation);
}

/** What replicas of a generation run: the present spec where they run alike, or where that generation is not kept. */
export function specOf(service: ServiceRecord, generation: number): ServiceSpec {
  if (isPresent(service, generation)) return service.spec;
  return generationOf(service, generation)?.spec ?? service.spec;
}

/** The service as it is for replicas of that generation. */
export function asOf(service: ServiceRecord, generation: number): ServiceRecord {
  return isPresent(service, generation) ? service : { ...service, generation, spec: specOf(service, generation) };
}

/** Whether replicas of that generation are what the service is to run. */
export function isPresent({ generation: present, alike }: ServiceRecord, generation: number): boolean {
  return generation === present || alike.includes(generation);
}

export interface NextOptions {
  origin?: Origin;
  /** A former generation that must stay known: the last good one. */
  keep?: number | null;
  /** The present generation is given up before it has proved itself. */
  failed?: boolean;
}

/** The next generation of a service, with the present one moved to its history. */
export function nextGeneration(
  service: ServiceRecord,
  spec: ServiceSpec,
  { origin = UNKNOWN_ORIGIN, keep = null, failed = false }: NextOptions = {},
): ServiceRecord {
  const { generation, at, by, cause, changes } = service;
  const former = [...service.history, { generation, spec: service.spec, at, by, cause, changes, failed }];
  const dropped = former.slice(0, -HISTORY_MAX).filter((one) => one.generation === keep);
  const history = [...dropped, ...former.slice(-HISTORY_MAX)];
  return {
    ...service,
    generation: generation + 1,
    spec,
    ...origin,
    changes: changesBetween(service.spec, spec),
    failed: false,
    history,
    alike: origin.cause === "restart" ? [] : alikeIn(history, spec),
    desired: spec.replicas,
    removed: false,
  };
}

/** The generations whose processes need not be replaced; what ran before a restart was to be replaced. */
function alikeIn(history: readonly Generation[], spec: ServiceSpec): number[] {
  const restarted = history.findLastIndex(({ cause }) => cause === "restart");
  return history.slice(Math.max(0, restarted)).filter((former) => runsAlike(former.spec, spec))
    .map(({ generation }) => generation);
}
