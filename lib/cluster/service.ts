/**
 * What an operator declares of a service, checked strictly where it enters; `service_record.ts` has what the store keeps
 * of it. Durations stay the strings the operator wrote ("500ms"), so that what is read back is what was said;
 * `parseDurationMs` turns them into numbers where they are used.
 * @module
 */
import * as z from "zod";
import { artifactSchema } from "./artifact_ref.ts";
import { refuseContradictions } from "./contradiction.ts";
import { healthSchema } from "./health.ts";
import { isolationSchema } from "./isolation.ts";
import { logsSchema } from "./log_limits.ts";
import { placementSchema, Priority, PRIORITY_USUAL } from "./placement.ts";
import { routesSchema } from "./route.ts";
import { CommandLine, Duration, durationFrom, type ObjectOf, PAUSE_MIN, Text } from "./spec_field.ts";
import { dataSchema, filesSchema, portsSchema, WorkingFolder } from "./surroundings.ts";
import { tcpSchema } from "./tcp_route.ts";
import { updateSchema } from "./update.ts";

/** The service that exists from the start and answers at `/` of the controller's port. */
export const DEFAULT_SERVICE = "payload";
/** The scale that a service may have unless the controller was told otherwise. */
export const REPLICAS_MAX = 10_000;
const ENV_MAX = 200;
/** Crashes that are forgotten sooner would be restarted without any pause. */
const WINDOW_MIN = "10s";

/** The name of a service: a DNS label, so that it fits in host names, variables and file names alike. */
export const ServiceName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
  message: "a name is 1 to 63 of a-z, 0-9 and '-', and starts and ends with a letter or digit",
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
    command: CommandLine,
    artifact: artifactSchema(object).optional(),
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
    liveness: healthSchema(object).optional(),
    startup: healthSchema(object).optional(),
    restart: restartSchema(object).prefault({}),
    update: updateSchema(object).prefault({}),
    stop: object({
      signal: z.enum(["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"]).prefault("SIGTERM"),
      /** What `command` and `signal` may take together; what runs after it is killed. */
      timeout: Duration.prefault("10s"),
      /** Run before the signal. */
      command: CommandLine.optional(),
      /** For how long connections through the agent may go on once the replica is withdrawn. */
      drain: Duration.prefault("10s"),
    }).prefault({}),
    on_isolation: isolationSchema(object).optional(),
    placement: placementSchema(object).prefault({}),
    priority: Priority.prefault(PRIORITY_USUAL),
    routes: routesSchema(object).prefault([]),
    tcp: tcpSchema(object).prefault([]),
    logs: logsSchema(object).prefault({}),
  });

// Both makers take the same shapes; only what happens to unknown keys differs, which no type shows.
const strict = z.strictObject as unknown as ObjectOf;

/** How often and how fast a crashed replica is started again before it is moved. */
export const RestartPolicy = restartSchema(strict);
export type RestartPolicy = z.infer<typeof RestartPolicy>;

/** What an operator declares of a service. */
export const ServiceSpec = specSchema(strict).superRefine(refuseContradictions);
export type ServiceSpec = z.infer<typeof ServiceSpec>;

/** The same as the store keeps it: what was accepted once stays readable, whatever is refused since. */
export const KeptSpec = specSchema(strict);

/** The same between controller and agent, whose versions may differ: unknown fields are ignored. */
export const WireSpec = specSchema(z.object);
