/**
 * What controller and agent say to each other (`/v1` on the agent). Both sides parse what they receive with these
 * schemas; unknown fields are ignored, so that versions can be mixed, and `Muster-Protocol` names the version spoken.
 * @module
 */
import * as z from "zod";
import { Capacity, System } from "../cluster/node.ts";
import { AssignmentRecord, Observation } from "../cluster/replica.ts";
import { ServiceName, WireSpec } from "../cluster/service.ts";

/** The version of this protocol; a peer that speaks none of ours gets 426. */
export const PROTOCOL = 1;
export const PROTOCOL_HEADER = "muster-protocol";

/** A replica as an agent is told of it: the assignment and what to run. */
export const Order = z.object({
  assignment: AssignmentRecord,
  spec: WireSpec,
});
export type Order = z.infer<typeof Order>;

/** Which answer of which agent process a leader received last, as that of its node (in the query of `GET /v1/health`). */
export const Ack = z.object({
  run: z.uuid(),
  reply: z.coerce.number().int().min(0),
  node: z.uuid(),
  epoch: z.coerce.number().int().min(0),
});
export type Ack = z.infer<typeof Ack>;

/** `PUT /v1/assignments`: the whole list of what should run on a node. */
export const Orders = z.object({
  cluster: z.uuid(),
  epoch: z.int().min(0),
  revision: z.int().min(0),
  /** The name by which the controller knows the node: replicas get it as MUSTER_NODE. */
  node: z.string(),
  /** The agent that they are for; a controller of before addresses could change hands doesn't say. */
  identity: z.uuid().optional(),
  replicas: z.array(Order),
  /** Services whose addresses every replica is told, beside those that its spec mentions. */
  services: z.array(ServiceName).default([]),
  /** The last answer received when these were given: exclusive replicas begin by orders that are no older than that. */
  ack: Ack.optional(),
});
export type Orders = z.infer<typeof Orders>;

/** Artifacts that replicas wait for and that are to be sent, by digest: none, unless said. */
const Needs = z.array(z.string()).optional();

/** What an agent answers to the list of an artifact's files: chunks that it lacks, as many as are to be sent next. */
export const ChunksNeeded = z.object({ missing: z.array(z.string()) });

/** How an agent answered orders. `foreign`, `misdirected` and `stale` are refusals (409): nothing was changed. */
export const OrdersReply = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("accepted"), epoch: z.int(), revision: z.int(), needs: Needs }),
  z.object({ kind: z.literal("stale"), epoch: z.int(), revision: z.int() }),
  z.object({ kind: z.literal("foreign"), bound: z.uuid(), asked: z.uuid() }),
  /** They are for the agent of another node, which once was at this address. */
  z.object({ kind: z.literal("misdirected"), meant: z.uuid(), met: z.uuid() }),
]);
export type OrdersReply = z.infer<typeof OrdersReply>;

/** How far an agent knows the endpoints: `seq` grows with every change within an epoch. */
export const EndpointsPosition = z.object({ epoch: z.int().min(0), seq: z.int().min(0) });
export type EndpointsPosition = z.infer<typeof EndpointsPosition>;

/** A ready replica, as agents reach it for the programs on their hosts. */
export const PeerEndpoint = z.object({
  replica: z.uuid(),
  /** Its agent, which leads to it by a tunnel. */
  url: z.string(),
  suspect: z.boolean(),
});
export type PeerEndpoint = z.infer<typeof PeerEndpoint>;

/** A node that was removed: what it was given before then proves nothing any more. */
export const Revocation = z.object({ node: z.uuid(), at: z.iso.datetime() });
export type Revocation = z.infer<typeof Revocation>;

/** `PUT /v1/endpoints`: where services are, for the programs on an agent's host. */
export const EndpointsPush = z.object({
  cluster: z.uuid(),
  ...EndpointsPosition.shape,
  /** Only what changed since then is said, to an agent that knows all up to it; null: everything is said. */
  after: z.int().min(0).nullable(),
  services: z.array(z.object({ name: ServiceName, endpoints: z.array(PeerEndpoint) })),
  /** All revocations that still matter, each time. */
  revoked: z.array(Revocation).default([]),
});
export type EndpointsPush = z.infer<typeof EndpointsPush>;

/** `GET /v1/health`. */
export const AgentHealth = z.object({
  /** Tells an agent from anything else that answers on a port. */
  program: z.literal("muster-agent"),
  identity: z.uuid(),
  name: z.string(),
  version: z.string(),
  /** The cluster it is bound to, and the newest orders that it took since it was started (0 before the first). */
  cluster: z.uuid().nullable(),
  epoch: z.int(),
  revision: z.int(),
  labels: z.record(z.string(), z.string()),
  capacity: Capacity,
  leaving: z.boolean(),
  /** An agent of before there were addresses says nothing of them, and is told no endpoints. */
  endpoints: EndpointsPosition.optional(),
  /** What it runs on; an agent of before there were constraints doesn't say. */
  system: System.optional(),
  /** The agent process that answers, and the number of this answer: to be acknowledged by the next request. */
  run: z.uuid().optional(),
  reply: z.int().min(0).optional(),
  /** Said each time, so that nobody has to remember it. */
  needs: Needs,
  /** What it can do that not every agent can: "isolation", "artifacts". */
  features: z.array(z.string()).optional(),
});
export type AgentHealth = z.infer<typeof AgentHealth>;

/** A line of `GET /v1/observations`. The first is a snapshot; a `goodbye` is the last. */
export const FeedLine = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("snapshot"), seq: z.int(), identity: z.uuid(), replicas: z.array(Observation) }),
  z.object({ kind: z.literal("observation"), seq: z.int(), observation: Observation }),
  /** The agent holds nothing of this replica any more. */
  z.object({ kind: z.literal("gone"), seq: z.int(), replica: z.uuid() }),
  z.object({ kind: z.literal("heartbeat"), seq: z.int() }),
  /** The agent is about to go: its replicas are wanted elsewhere before it stops them. */
  z.object({ kind: z.literal("leaving"), seq: z.int() }),
  /** `drained`: its replicas are stopped. `left`: they run on, and the agent is expected back. */
  z.object({ kind: z.literal("goodbye"), seq: z.int(), replicas: z.enum(["drained", "left"]) }),
]);
export type FeedLine = z.infer<typeof FeedLine>;

/** By the digests of their certificates: the authorities that an agent trusts, and the one that signed its papers. */
export const ReportedPapers = z.object({
  trusted: z.array(z.string().max(64)).max(16),
  signed_by: z.string().max(64),
});
export type ReportedPapers = z.infer<typeof ReportedPapers>;

/** An agent's registration at the controller (`POST /v1/nodes`). */
export const Registration = z.object({
  url: z.string(),
  identity: z.uuid(),
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  capacity: Capacity,
  /** What it goes by now, where it has papers; an agent of before authorities were replaced doesn't say. */
  papers: ReportedPapers.optional(),
});
export type Registration = z.infer<typeof Registration>;

/** What an agent reads of the answer to its registration. */
export const Registered = z.object({
  /** Its papers are not what the cluster goes by now: it is to renew them at once. */
  renew: z.boolean().optional(),
});
