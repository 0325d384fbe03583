/**
 * What an operator wants running. `ServiceSpec` is the declared part, checked strictly where it enters; `ServiceRecord`
 * is what the store keeps of it: the spec of the present generation and the scale. Durations stay the strings the
 * operator wrote ("500ms"), so that what is read back is what was said; `parseDurationMs` turns them into numbers where
 * they are used.
 * @module
 */
import * as z from "zod";
import { parseDurationMs, readDurationMs } from "../runtime/duration.ts";
import { dataSchema, filesSchema, portsSchema, WorkingFolder } from "./surroundings.ts";

/** The service that exists from the start and answers at `/` of the controller's port. */
export const DEFAULT_SERVICE = "payload";
/** The scale that a service may have unless the controller was told otherwise. */
export const REPLICAS_MAX = 10_000;
const ENV_MAX = 200;
const COMMAND_MAX = 200;
const TEXT_MAX = 8_192;
/** Former generations that are kept. */
export const HISTORY_MAX = 20;

/** A length of time such as "1s" or "500ms". */
export const Duration = z.string().superRefine((text, context) => {
  try {
    parseDurationMs(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
});

/** Nothing is probed or restarted more often than this, whatever the operator says. */
const PAUSE_MIN = "10ms";
/** Crashes that are forgotten sooner would be restarted without any pause. */
const WINDOW_MIN = "10s";

function durationFrom(least: string) {
  const leastMs = parseDurationMs(least);
  return Duration.refine((text) => (readDurationMs(text) ?? leastMs) >= leastMs, { message: `at least ${least}` });
}

/** The name of a service: a DNS label, so that it fits in host names, variables and file names alike. */
export const ServiceName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
  message: "a name is 1 to 63 of a-z, 0-9 and '-', and starts and ends with a letter or digit",
});

const Text = z.string().max(TEXT_MAX).regex(/^[^\0]*$/, { message: "must not contain a NUL character" });

/** Makes the schemas of objects: strict where an operator's typo must be named, tolerant between versions of Muster. */
type ObjectOf = typeof z.object;

const healthSchema = (object: ObjectOf) =>
  object({
    http: z.string().max(TEXT_MAX).regex(/^\/[\x21-\x7e]*$/, { message: 'a path that starts with "/"' }).optional(),
    tcp: z.literal(true).optional(),
    command: z.array(Text).min(1).max(COMMAND_MAX).optional(),
    interval: durationFrom(PAUSE_MIN).prefault("1s"),
    timeout: durationFrom(PAUSE_MIN).prefault("500ms"),
    start_period: Duration.prefault("30s"),
    unhealthy_after: z.int().min(1).max(100).prefault(3),
    healthy_after: z.int().min(1).max(100).prefault(1),
  }).refine((health) => [health.http, health.tcp, health.command].filter((probe) => probe !== undefined).length === 1, {
    message: 'give exactly one of "http", "tcp" and "command"',
  });

const restartSchema = (object: ObjectOf) =>
  object({
    backoff: durationFrom(PAUSE_MIN).prefault("1s"),
    backoff_max: durationFrom(PAUSE_MIN).prefault("60s"),
    attempts: z.int().min(0).max(1_000).prefault(5),
    window: durationFrom(WINDOW_MIN).prefault("5m"),
  });

const specSchema = (object: ObjectOf) =>
  object({
    name: ServiceName,
    command: z.array(Text).min(1).max(COMMAND_MAX).refine((command) => command[0] !== "", {
      message: "the first word is the program and must not be empty",
    }),
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/), Text).prefault({})
      .refine((env) => Object.keys(env).length <= ENV_MAX, { message: `at most ${ENV_MAX} variables` }),
    cwd: WorkingFolder.optional(),
    files: filesSchema(object).prefault({}),
    data: dataSchema(object).prefault({}),
    ports: portsSchema(object).prefault({}),
    replicas: z.int().min(0).max(REPLICAS_MAX).prefault(1),
    resources: object({
      cpu: z.number().min(0).max(4_096).prefault(0),
      memory: z.number().min(0).max(16_777_216).prefault(0),
    }).prefault({}),
    health: healthSchema(object).optional(),
    restart: restartSchema(object).prefault({}),
    stop: object({
      signal: z.enum(["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"]).prefault("SIGTERM"),
      timeout: Duration.prefault("10s"),
    }).prefault({}),
    placement: object({ max_per_node: z.int().min(1).max(REPLICAS_MAX).optional() }).prefault({}),
  });

// Both makers take the same shapes; only what happens to unknown keys differs, which no type shows.
const strict = z.strictObject as unknown as ObjectOf;

/** How readiness is found out; exactly one of `http`, `tcp` and `command` names the probe. */
export const Health = healthSchema(strict);
export type Health = z.infer<typeof Health>;

/** How often and how fast a crashed replica is started again before it is moved. */
export const RestartPolicy = restartSchema(strict);
export type RestartPolicy = z.infer<typeof RestartPolicy>;

/** What an operator declares of a service. */
export const ServiceSpec = specSchema(strict);
export type ServiceSpec = z.infer<typeof ServiceSpec>;

/** The same between controller and agent, whose versions may differ: unknown fields are ignored. */
export const WireSpec = specSchema(z.object);

/** What the store keeps of a service. */
export const ServiceRecord = z.object({
  type: z.literal("service"),
  name: ServiceName,
  generation: z.int().min(1),
  spec: ServiceSpec,
  /** Former generations, newest last: replicas of them may still run, and the operator may go back to them. */
  history: z.array(z.object({ generation: z.int().min(1), spec: ServiceSpec })),
  /** How many replicas are wanted: the scale, which changes without a new generation. */
  desired: z.int().min(0),
  /** Set by the operator's removal; the record goes once its last replica has. */
  removed: z.boolean(),
});
export type ServiceRecord = z.infer<typeof ServiceRecord>;

/** The default service as it is before anybody scales it. */
export function defaultService(): ServiceRecord {
  const spec = ServiceSpec.parse({
    name: DEFAULT_SERVICE,
    command: [DEFAULT_SERVICE],
    replicas: 0,
    health: { http: "/readyz" },
  });
  return { type: "service", name: spec.name, generation: 1, spec, history: [], desired: 0, removed: false };
}

/** What a generation of the service runs; the present spec where that generation is no longer kept. */
export function specOf(service: ServiceRecord, generation: number): ServiceSpec {
  if (generation === service.generation) return service.spec;
  return service.history.find((former) => former.generation === generation)?.spec ?? service.spec;
}

/** The next generation of a service, with the present one moved to its history. */
export function nextGeneration(service: ServiceRecord, spec: ServiceSpec): ServiceRecord {
  const history = [...service.history, { generation: service.generation, spec: service.spec }].slice(-HISTORY_MAX);
  return { ...service, generation: service.generation + 1, spec, history, desired: spec.replicas, removed: false };
}
