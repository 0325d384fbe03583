/**
 * The public API in schemas: what operators send, checked strictly so that a typo is named, and what they read, which
 * may grow. The controller answers by these and the command line reads by them; `service.ts` has the spec itself.
 * @module
 */
import * as z from "zod";
import { refuseContradictions } from "../cluster/contradiction.ts";
import { Exit } from "../cluster/replica.ts";
import { REPLICAS_MAX, ServiceName, ServiceSpec } from "../cluster/service.ts";
import { Duration } from "../cluster/spec_field.ts";
import { RolloutCause } from "../cluster/rollout.ts";
import { Role } from "../cluster/token.ts";
import { readDurationMs } from "../runtime/duration.ts";
import { RolloutView } from "./change.ts";
import { DrainView, VersionSkew } from "./node.ts";
import { SpecGiven } from "./specs.ts";

const SERVICE_PATTERNS_MAX = 32;

/** Every route under this prefix is versioned; the short routes are not. */
export const API_PREFIX = "/v1";

const Scale = z.int({ error: `a whole number from 0 to ${REPLICAS_MAX}` })
  .min(0, { error: `a whole number from 0 to ${REPLICAS_MAX}` })
  .max(REPLICAS_MAX, { error: `a whole number from 0 to ${REPLICAS_MAX}` });

/** `POST /add-node` */
export const AddNode = z.strictObject({ url: z.string().max(2_048) });

/** `POST /scale`, and without `service` also `POST /v1/services/{name}/scale` */
export const ScaleRequest = z.strictObject({
  replicas: Scale.optional(),
  count: Scale.optional(),
  service: ServiceName.optional(),
});
export type ScaleRequest = z.infer<typeof ScaleRequest>;

/** `PUT /v1/services/{name}`: the spec; the name may be left out, and so may the scale of a service that exists. */
export const PutService = z.strictObject({ ...SpecGiven.shape, name: ServiceName.optional() }).superRefine(
  refuseContradictions,
);
export type PutService = z.infer<typeof PutService>;

/** The answer to a scale. */
export const Scaled = z.object({ service: z.string(), desired: z.int(), revision: z.int() });
export type Scaled = z.infer<typeof Scaled>;

export const NodeStatus = z.enum(["pending", "ready", "suspect", "lost"]);

/** The answer to `POST /add-node`. */
export const NodeAdded = z.object({ id: z.string(), name: z.string(), url: z.string(), status: NodeStatus });
export type NodeAdded = z.infer<typeof NodeAdded>;

export const ReplicaPhase = z.enum(["pending", "starting", "running", "draining", "stopping", "exited", "lost"]);

const replicaFields = {
  id: z.string(),
  slot: z.int(),
  /** The node's id. */
  node: z.string(),
  phase: ReplicaPhase,
  ready: z.boolean(),
  pid: z.int().nullable(),
  port: z.int().nullable(),
  started_at: z.string().nullable(),
  uptime_s: z.number().nullable(),
  restarts: z.int(),
  reason: z.string(),
};

/** A replica in `/status`. */
export const StatusReplica = z.object(replicaFields);
export type StatusReplica = z.infer<typeof StatusReplica>;

/** A replica of `/v1/replicas`. */
export const ReplicaView = z.object({
  ...replicaFields,
  name: z.string(),
  service: z.string(),
  node_name: z.string(),
  generation: z.int(),
  instance: z.string().nullable(),
  fence: z.int(),
  crashes: z.int(),
  exit: Exit.nullable(),
  /** Its further ports, by name. */
  ports: z.record(z.string(), z.int()),
  revision: z.int(),
});
export type ReplicaView = z.infer<typeof ReplicaView>;

/** A node in `/status`. */
export const StatusNode = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  status: NodeStatus,
  labels: z.record(z.string(), z.string()),
  /** How many replicas are assigned to it. */
  replicas: z.int(),
  /** Null until this controller has heard it. */
  last_seen_s: z.number().nullable(),
  version: z.string().nullable(),
});
export type StatusNode = z.infer<typeof StatusNode>;

const Amount = z.object({ cpu: z.number(), memory: z.number() });

/** A node of `/v1/nodes`. */
export const NodeView = z.object({
  ...StatusNode.shape,
  identity: z.string().nullable(),
  draining: z.boolean(),
  drain: DrainView.nullable(),
  leaving: z.boolean(),
  /** Whether its version is not the controller's. */
  skew: VersionSkew.nullable(),
  capacity: Amount,
  reserved: Amount,
  revision: z.int(),
});
export type NodeView = z.infer<typeof NodeView>;

/** `GET /status` */
export const Status = z.object({
  cluster: z.object({ leader: z.string(), epoch: z.int(), version: z.string(), revision: z.int() }),
  services: z.array(z.object({
    name: z.string(),
    generation: z.int(),
    desired: z.int(),
    ready: z.int(),
    replicas: z.array(StatusReplica),
  })),
  nodes: z.array(StatusNode),
});
export type Status = z.infer<typeof Status>;

/** A service of `/v1/services`. */
export const ServiceView = z.object({
  name: z.string(),
  generation: z.int(),
  desired: z.int(),
  ready: z.int(),
  /** How many replicas are assigned, ready or not. */
  assigned: z.int(),
  /** It is being removed and goes with its last replica. */
  removed: z.boolean(),
  /** Why replicas that should be there can't be, if so. */
  waiting: z.array(z.string()),
  /** Who made the present generation, when and why; null for what an older version of Muster made. */
  at: z.string().nullable(),
  by: z.string().nullable(),
  cause: RolloutCause,
  rollout: RolloutView.nullable(),
  spec: ServiceSpec,
  revision: z.int(),
});
export type ServiceView = z.infer<typeof ServiceView>;

/** One page of a list; `next_cursor` asks for the one after it. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** Something that happened, in `/v1/events`. Ids only grow, also over restarts of the controller. */
export const EventView = z.object({
  id: z.int(),
  time: z.string(),
  kind: z.string(),
  severity: z.enum(["info", "warn"]),
  text: z.string(),
  service: z.string().optional(),
  node: z.string().optional(),
  replica: z.string().optional(),
});
export type EventView = z.infer<typeof EventView>;

/** `GET /v1/events` as JSON. */
export const EventList = z.object({
  events: z.array(EventView),
  /** To be given as `after` for what comes later. */
  last: z.int(),
  /** Events after the id asked for are no longer kept: what is here begins later. */
  gone: z.boolean(),
});
export type EventList = z.infer<typeof EventList>;

/** `GET /v1/endpoints/{service}` */
export const EndpointList = z.object({
  service: z.string(),
  revision: z.int(),
  endpoints: z.array(z.object({
    replica: z.string(),
    slot: z.int(),
    node: z.string(),
    /** The host on which the node's agent listens; the way in is through that agent. */
    address: z.string(),
    agent: z.string(),
    ports: z.record(z.string(), z.int()),
    ready: z.boolean(),
    /** Its node has missed a probe. */
    suspect: z.boolean(),
    fence: z.int(),
  })),
});
export type EndpointList = z.infer<typeof EndpointList>;

/** A line of an agent's `/v1/replicas/{id}/logs`. */
export const LogLine = z.object({
  time: z.string(),
  stream: z.enum(["out", "err"]),
  replica: z.string(),
  line: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

/**
 * A line of `/v1/services/{name}/logs`: with its replica's name ("web.2") and slot. Lines of the stream "muster" are the
 * controller's own and say why a replica's lines are missing.
 */
export const ServiceLogLine = z.object({
  ...LogLine.shape,
  stream: z.enum([...LogLine.shape.stream.options, "muster"]),
  name: z.string(),
  slot: z.int(),
});
export type ServiceLogLine = z.infer<typeof ServiceLogLine>;

/** Who a token is for: one word, so that it can be typed and stands in a path. */
const TokenName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/, {
  error: "a name is 1 to 63 of A-Z, a-z, 0-9, '.', '_', '@' and '-', and starts with a letter or digit",
}).refine((name) => name !== "token-file", { error: '"token-file" is what the token of --token-file is called' });

const ServicePattern = z.string().regex(/^[a-z0-9*-]{1,63}$/, {
  error: "a service's name, in which * stands for any characters",
});

/** `POST /v1/tokens` */
export const CreateToken = z.strictObject({
  name: TokenName,
  role: Role,
  /** Which services it is for; left out: all, and the cluster as a whole. */
  services: z.array(ServicePattern).min(1).max(SERVICE_PATTERNS_MAX).optional(),
  /** For how long; left out: until it is removed. */
  ttl: Duration.refine((text) => readDurationMs(text) !== 0, { error: "more than 0" }).optional(),
}).refine(({ role, services }) => role !== "admin" || services === undefined, {
  path: ["services"],
  error: "an admin's token is for all services: leave it out, or choose another role",
});
export type CreateToken = z.infer<typeof CreateToken>;

/** A token of `/v1/tokens`; what it is itself is shown once, when it is made. */
export const TokenView = z.object({
  id: z.string(),
  name: z.string(),
  role: Role,
  services: z.array(z.string()),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  /** Null when it wasn't used since this controller started. */
  last_used_at: z.string().nullable(),
});
export type TokenView = z.infer<typeof TokenView>;

/** The answer to `POST /v1/tokens`. */
export const TokenCreated = z.object({ ...TokenView.shape, token: z.string() });
export type TokenCreated = z.infer<typeof TokenCreated>;

/** The answer to `DELETE /v1/tokens/{id}`. */
export const TokenRemoved = z.object({ id: z.string(), name: z.string(), removed: z.literal(true), revision: z.int() });
export type TokenRemoved = z.infer<typeof TokenRemoved>;

/** Who asks: the answer to `GET|POST /v1/session`. Where nobody is asked for a credential, everybody may do all. */
export const SessionView = z.object({
  /** Null where nobody is asked. */
  name: z.string().nullable(),
  role: Role,
  services: z.array(z.string()),
  /** Null when it is no session, and for a token without an end. */
  expires_at: z.string().nullable(),
});
export type SessionView = z.infer<typeof SessionView>;

/** `GET /version` */
export const VersionView = z.object({ version: z.string(), program: z.literal("muster-controller") });
