/**
 * An agent's session in the hand of a test: it gives inputs at the time of a virtual clock and keeps the effects as
 * short lines ("spawn web.0", "SIGTERM web.0 leader"). Nothing happens by itself: the test says what the host did, and when
 * time passes.
 * @module
 */
import type {
  AdoptedInstance,
  InstanceRecord,
  Memory,
  SessionEffect,
  SessionInput,
} from "../../lib/agent/session/effect.ts";
import type { Answer } from "../../lib/agent/session/readiness.ts";
import type { Contact } from "../../lib/agent/session/contact.ts";
import { Session } from "../../lib/agent/session/session.ts";
import type { AssignmentRecord, Observation } from "../../lib/cluster/replica.ts";
import { type Random, seededRandom } from "../../lib/runtime/random.ts";
import type { Order, OrdersReply } from "../../lib/wire/protocol.ts";
import { CLUSTER, idOf, type SpecFields, specNamed, wallAt } from "./builders.ts";

export const NO_MEMORY: Memory = { cluster: null, epoch: 0, revision: 0, node: "", replicas: [] };
/** More wakes than any test's time needs, unless the session wakes itself again and again. */
const WAKES_MAX = 10_000;

export interface LittleAgentStart {
  memory?: Memory;
  adopted?: AdoptedInstance[];
  ended?: InstanceRecord[];
  rebooted?: boolean;
  /** Those that are on the host; all, unless said. */
  artifacts?: string[];
  ports?: { from: number; to: number };
  nowMs?: number;
  random?: Random;
  /** The last contact of a former agent process. */
  contact?: Contact;
}

export function order(assignment: AssignmentRecord, fields: SpecFields = {}): Order {
  return { assignment, spec: specNamed(assignment.service, fields) };
}

export function memoryOf(revision: number, replicas: Order[]): Memory {
  return { cluster: CLUSTER, epoch: 1, revision, node: "n1", replicas };
}

export class LittleAgent {
  readonly session: Session;
  nowMs: number;
  /** What was wanted so far, in short lines. */
  readonly lines: string[] = [];
  readonly effects: SessionEffect[] = [];
  /** The processes that were wanted, newest last. */
  readonly spawned: InstanceRecord[] = [];
  readonly #names = new Map<string, string>();
  #revision: number;
  #pids = 100;

  constructor(start: LittleAgentStart = {}) {
    this.nowMs = start.nowMs ?? 1_000_000;
    const memory = start.memory ?? NO_MEMORY;
    this.#revision = memory.revision;
    for (const { replica, instance, service, slot } of [...start.adopted ?? [], ...start.ended ?? []]) {
      this.#names.set(instance, `${service}.${slot}`);
      this.#names.set(replica, `${service}.${slot}`);
    }
    this.session = new Session({
      identity: idOf("agent", 1),
      memory,
      adopted: start.adopted ?? [],
      ended: start.ended ?? [],
      artifacts: start.artifacts,
      rebooted: start.rebooted ?? false,
      contact: start.contact,
      ports: start.ports ?? { from: 20_000, to: 29_999 },
      random: start.random ?? seededRandom(1),
      nowMs: this.nowMs,
      wall: wallAt(this.nowMs),
    });
  }

  /** Gives an input; returns the lines of what it led to. */
  give(input: SessionInput): string[] {
    return this.#handle(input).lines;
  }

  /** Sends a newer list of orders; the reply is kept in `reply`. */
  orders(...replicas: Order[]): string[] {
    this.#revision += 1;
    return this.ordersAt({ epoch: 1, revision: this.#revision }, ...replicas).lines;
  }

  ordersAt(
    at: { epoch: number; revision: number; cluster?: string; identity?: string },
    ...replicas: Order[]
  ): { lines: string[]; reply: OrdersReply | undefined } {
    for (const { assignment } of replicas) this.#names.set(assignment.id, `${assignment.service}.${assignment.slot}`);
    return this.#handle({ kind: "orders", orders: { cluster: CLUSTER, node: "n1", replicas, services: [], ...at } });
  }

  /** Lets the newest process that was wanted run. */
  started(): string[] {
    return this.give({ kind: "spawned", instance: this.newest.instance, pid: ++this.#pids });
  }

  probed(ok: boolean, { detail = ok ? "" : "refused", check = "health" }: Partial<Answer> = {}): string[] {
    return this.give({ kind: "probed", instance: this.newest.instance, check, ok, detail });
  }

  exited(code: number | null = 1): string[] {
    return this.give({
      kind: "exited",
      instance: this.newest.instance,
      code,
      signal: code === null ? "SIGKILL" : null,
    });
  }

  /** Starts one replica and lets it get ready. */
  up(wanted: Order): string[] {
    return [...this.orders(wanted), ...this.started(), ...this.wait(15), ...this.probed(true)];
  }

  tick(): string[] {
    return this.give({ kind: "tick" });
  }

  /** Lets time pass, with a tick whenever the session asked for one. */
  wait(ms: number): string[] {
    const untilMs = this.nowMs + ms;
    const lines: string[] = [];
    for (let wake = 0; wake < WAKES_MAX; wake++) {
      const atMs = this.session.nextWakeMs();
      if (atMs === undefined || atMs > untilMs) {
        this.nowMs = untilMs;
        return lines;
      }
      this.nowMs = Math.max(this.nowMs, atMs);
      lines.push(...this.tick());
    }
    throw new Error(`Cannot let ${ms} ms pass: still waking after ${WAKES_MAX} ticks`);
  }

  get newest(): InstanceRecord {
    const record = this.spawned.at(-1);
    if (record === undefined) throw new Error("Cannot name the newest process: none was started");
    return record;
  }

  /** What is told of a replica now. */
  seen(replica: string = idOf("replica", 1)): Observation {
    const found = this.session.observations().find((observation) => observation.replica === replica);
    if (found === undefined) throw new Error(`Cannot see replica ${replica}: it is not held`);
    return found;
  }

  #handle(input: SessionInput): { lines: string[]; reply: OrdersReply | undefined } {
    const { effects, reply } = this.session.handle(input, this.nowMs, wallAt(this.nowMs));
    this.effects.push(...effects);
    const lines = effects.flatMap((effect) => this.#inWords(effect));
    this.lines.push(...lines);
    return { lines, reply };
  }

  #inWords(effect: SessionEffect): string[] {
    switch (effect.kind) {
      case "remember":
      case "keep":
        return [];
      case "spawn":
        this.spawned.push(effect.record);
        this.#names.set(effect.record.instance, `${effect.record.service}.${effect.record.slot}`);
        return [`spawn ${this.#names.get(effect.record.instance)}`];
      case "signal":
        return [`${effect.signal} ${this.#names.get(effect.instance)} ${effect.scope}`];
      case "probe": {
        const asked = effect.check === "health" ? "" : ` ${effect.check}`;
        return [`probe ${this.#names.get(effect.instance)}${asked}`];
      }
      case "read_last_words":
        return [`read the last words of ${this.#names.get(effect.instance)}`];
      case "stop_command":
        return [`run ${effect.command.join(" ")} for ${this.#names.get(effect.instance)}`];
      case "observe": {
        const { service, slot, phase, ready, reason } = effect.observation;
        return [`${service}.${slot} ${phase}${ready ? ", ready" : ""}${reason === "" ? "" : `: ${reason}`}`];
      }
      case "gone":
        return [`gone ${this.#names.get(effect.replica)}`];
      case "say_leaving":
        return ["leaving"];
      case "goodbye":
        return [`goodbye ${effect.replicas}`];
      default:
        return effect satisfies never;
    }
  }
}
