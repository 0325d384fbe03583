/**
 * What the agent's session takes in and what it wants done. The session decides and touches nothing; `executor`
 * performs the effects on a real host, the simulator on a virtual one, and both give back what came of it as inputs.
 * @module
 */
import type { Health } from "../../cluster/health.ts";
import type { Observation } from "../../cluster/replica.ts";
import type { Contact } from "./contact.ts";
import type { IsolationRules, Leases } from "./isolation.ts";
import type { Random } from "../../runtime/random.ts";
import type { Order, Orders, OrdersReply } from "../../wire/protocol.ts";
import type { CheckName } from "./readiness.ts";

/** What is asked of a replica: a check of its spec, or whether it serves that TCP port of the ingress. */
export type Asked = CheckName | number;

/** One operating-system process that embodies a replica, as the agent remembers it across its own restarts. */
export interface InstanceRecord {
  instance: string;
  replica: string;
  service: string;
  slot: number;
  port: number;
  /** Its further ports, by name. */
  ports: Record<string, number>;
  startedAt: string;
  restarts: number;
  /** How long ago, in milliseconds before this instance was started, each crash within the policy's window was. */
  crashAgesMs: number[];
  restartSeq: number;
  /** Of an exclusive one: what ends it in time also where its order is not remembered any more. */
  isolation?: IsolationRules | undefined;
}

/** An instance of a former agent process that was proved to be this agent's own and to be alive. */
export interface AdoptedInstance extends InstanceRecord {
  pid: number;
  /** How long ago it was started; where the host can't tell, the time of day does. */
  ageMs?: number | undefined;
}

/** An instance that ran when the former agent process ended and is no more. */
export interface EndedInstance extends InstanceRecord {
  lastWords?: string[];
}

/** What a session begins with. */
export interface SessionStart {
  /** This agent's node id. */
  identity: string;
  memory: Memory;
  adopted: AdoptedInstance[];
  ended: EndedInstance[];
  /** The host was started anew since: nothing is begun before the first orders. */
  rebooted: boolean;
  /** The last contact of a former agent process. */
  contact?: Contact | undefined;
  /** The artifacts that are on this host; all that there are, unless said. */
  artifacts?: readonly string[] | undefined;
  ports: { from: number; to: number };
  random: Random;
  nowMs: number;
  /** The time of day, RFC 3339. */
  wall: string;
}

/** What survives the agent's own restart, in its data folder. */
export interface Memory {
  cluster: string | null;
  epoch: number;
  revision: number;
  node: string;
  replicas: Order[];
}

export type SessionInput =
  /** `contact`: how recent they are known to be. */
  | { kind: "orders"; orders: Orders; contact?: Contact | undefined }
  /** The controller has heard this agent. */
  | { kind: "acked"; contact: Contact }
  | { kind: "spawned"; instance: string; pid: number }
  /** `takenPort`: the reason is that somebody has this port, which was the agent's choice. */
  | { kind: "spawn_failed"; instance: string; reason: string; takenPort: number | undefined }
  | { kind: "exited"; instance: string; code: number | null; signal: string | null; lastWords?: string[] }
  /** What a replica wrote last that was found not to get ready. */
  | { kind: "last_words"; instance: string; lines: string[] }
  | { kind: "probed"; instance: string; check: Asked; ok: boolean; detail: string }
  | { kind: "stop_command_ended"; instance: string; ok: boolean; detail: string }
  /** Its log grows faster than the host can bear. */
  | { kind: "flooded"; instance: string; reason: string }
  /** An artifact is on this host now, or not; `reason`: why it does not come, "" where nothing is known against it. */
  | { kind: "artifact"; sha256: string; here: boolean; reason: string }
  /** How many connections through this agent to the replica are open. */
  | { kind: "tunnels"; replica: string; open: number }
  /** The agent is asked to go: to stop its replicas first, or to leave them running. */
  | { kind: "leave"; replicas: "drained" | "left" }
  /** Do not wait any longer for the controller to place them elsewhere. */
  | { kind: "leave_now" }
  /** How many controllers are listening to the feed. */
  | { kind: "audience"; listeners: number }
  | { kind: "tick" };

export type SessionEffect =
  /** Durable before any `DurableEffect` that follows it. */
  | { kind: "remember"; memory: Memory }
  /** The keeper knows it before any `DurableEffect` that follows. */
  | { kind: "keep"; leases: Leases }
  | { kind: "spawn"; record: InstanceRecord; order: Order; node: string }
  /** To the instance's own process, or to everything that it started as well. */
  | { kind: "signal"; instance: string; signal: string; scope: "leader" | "tree" }
  /** `exposed`: it listens at the port on the node's address. */
  | { kind: "probe"; instance: string; check: Asked; health: Health; at: { port: number; exposed: boolean } }
  /** To be ended at the timeout, if it has not ended by then. */
  | { kind: "stop_command"; instance: string; command: readonly string[]; timeoutMs: number }
  /** To be answered by what it wrote last. */
  | { kind: "read_last_words"; instance: string }
  | { kind: "observe"; observation: Observation }
  /** Nothing of the replica is left here; its files may go. */
  | { kind: "gone"; replica: string }
  | { kind: "say_leaving" }
  /** The last: every replica is stopped or left, and the agent may exit. */
  | { kind: "goodbye"; replicas: "drained" | "left" };

/** What begins or ends something, and so must not be forgotten by an agent that is started again. */
export type DurableEffect = Extract<SessionEffect, { kind: "spawn" | "signal" | "stop_command" | "gone" }>;

export function waitsForMemory(effect: SessionEffect): effect is DurableEffect {
  return ["spawn", "signal", "stop_command", "gone"].includes(effect.kind);
}

/** What handling an input gave. */
export interface Handled {
  effects: SessionEffect[];
  /** The answer to orders. */
  reply?: OrdersReply;
}
