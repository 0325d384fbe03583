/**
 * The agent's mind: it turns orders into processes and processes into observations, and touches nothing itself. Inputs
 * come from the wire and the host, effects go to `executor`; the simulator runs the same class over a virtual host.
 *
 * Orders are the whole list of what should run here. The session converges towards the newest list (by epoch, then
 * revision) of the one cluster that it is bound to; nothing is stopped before the first list of this session, and after
 * a reboot nothing is started before it either.
 * @module
 */
import type { Observation } from "../../cluster/replica.ts";
import type { Random } from "../../runtime/random.ts";
import type { Order, Orders, OrdersReply } from "../../wire/protocol.ts";
import { ArtifactsHere } from "./artifacts_here.ts";
import type { Contact } from "./contact.ts";
import type { Handled, Memory, SessionEffect, SessionInput, SessionStart } from "./effect.ts";
import { type Held, isSameSlot, mustWait, newlyHeld, portAt } from "./held.ts";
import { heldAfterAdoption } from "./inheritance.ts";
import { Isolation } from "./isolation.ts";
import { hostSays } from "./host_says.ts";
import { advance, dueMs, follow, type Hands, restart } from "./life.ts";
import { refusalOf } from "./orders_refused.ts";
import { PortBook } from "./port_book.ts";
import { isolate, recall, withdraw } from "./withdrawal.ts";

/** For how long an agent that was asked to go waits for its replicas to be ready elsewhere. */
const LEAVE_WAIT_MS = 15_000;

export class Session {
  readonly #identity: string;
  readonly #ports: PortBook;
  readonly #random: Random;
  readonly #isolation: Isolation;
  readonly #artifacts: ArtifactsHere;
  #memory: Memory;
  /** The newest orders that this very session took; a controller sends its orders anew to one that took none yet. */
  #followed = { epoch: 0, revision: 0 };
  #mayStart: boolean;
  #mayStop = false;
  #leaving: { replicas: "drained" | "left"; deadlineMs: number; said: boolean } | undefined;
  #audience = 0;
  #nowMs: number;
  #wall: string;
  readonly #held = new Map<string, Held>();
  readonly #byInstance = new Map<string, string>();
  /** The last observation told of each replica, so that only news is told. */
  readonly #told = new Map<string, string>();
  #effects: SessionEffect[] = [];
  /** The replicas that the present input concerns: the cost of an input does not grow with what else runs here. */
  readonly #touched = new Set<Held>();

  constructor(start: SessionStart) {
    this.#identity = start.identity;
    this.#memory = start.memory;
    this.#random = start.random;
    this.#artifacts = new ArtifactsHere(start.artifacts);
    this.#ports = new PortBook(start.ports, start.random);
    this.#mayStart = !start.rebooted;
    this.#nowMs = start.nowMs;
    this.#wall = start.wall;
    for (const held of heldAfterAdoption(start)) {
      const { id } = held.order.assignment;
      this.#held.set(id, held);
      if (held.stage.kind !== "up") continue;
      this.#byInstance.set(held.stage.instance.id, id);
      const { port, ports } = held.stage.instance;
      for (const used of [port, ...Object.values(ports)]) this.#ports.keep(used, id);
    }
    this.#isolation = new Isolation(start.contact, this.#held.values());
  }

  get identity(): string {
    return this.#identity;
  }

  /** The cluster it is bound to and the newest orders it ever took. */
  get memory(): Memory {
    return this.#memory;
  }

  /** What `GET /v1/health` tells of the orders followed. */
  get followed(): { epoch: number; revision: number } {
    return this.#isolation.needsOrders ? { epoch: 0, revision: 0 } : this.#followed;
  }

  get leaving(): boolean {
    return this.#leaving !== undefined;
  }

  /** What runs here, as it would be told to somebody who knows nothing yet. */
  observations(): Observation[] {
    return [...this.#held.values()].map((held) => this.#artifacts.observationOf(held, this.#nowMs));
  }

  /** The artifacts of what is here, and those of them that are yet to come. */
  get artifacts(): { named: string[]; lacking: string[] } {
    return this.#artifacts.asked([...this.#held.values()]);
  }

  /** Where requests for a replica go, if it has a process: to its main port, or to the one of that name. */
  portOf(replica: string, name?: string): { port: number; exposed: boolean } | undefined {
    const held = this.#held.get(replica);
    if (held?.stage.kind !== "up" && held?.stage.kind !== "draining") return undefined;
    return portAt(held, held.stage.instance, name);
  }

  /** When time alone will change something, in monotonic milliseconds. */
  nextWakeMs(): number | undefined {
    const hands = this.#hands();
    const times = [...this.#held.values()].map((held) => dueMs(held, hands)).filter((at) => at !== undefined);
    const isolatedMs = this.#isolation.nextMs();
    if (isolatedMs !== undefined) times.push(isolatedMs);
    // Once the deadline has passed, only the ends of processes are waited for.
    if (this.#leaving !== undefined && this.#leaving.deadlineMs > this.#nowMs) times.push(this.#leaving.deadlineMs);
    return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
  }

  /** Takes one input in and gives what is to be done, in this order. */
  handle(input: SessionInput, nowMs: number, wall: string): Handled {
    this.#nowMs = nowMs;
    this.#wall = wall;
    this.#effects = [];
    this.#isolate();
    const reply = this.#take(input);
    for (const held of this.#touched) advance(held, this.#hands());
    this.#goIfDone();
    this.#tell();
    const leases = this.#isolation.news(this.#nowMs);
    if (leases !== undefined) this.#effects.unshift({ kind: "keep", leases });
    return reply === undefined ? { effects: this.#effects } : { effects: this.#effects, reply };
  }

  #take(input: SessionInput): OrdersReply | undefined {
    if ("instance" in input) {
      this.#hostSays(input);
      return undefined;
    }
    switch (input.kind) {
      case "orders":
        return this.#follow(input.orders, input.contact);
      case "acked":
        this.#isolation.heard(input.contact);
        return undefined;
      case "artifact":
        for (const held of this.#artifacts.heard(input, this.#held.values())) this.#touched.add(held);
        return undefined;
      case "tunnels":
        this.#tunnelled(input);
        return undefined;
      case "leave":
        this.#leave(input.replicas);
        return undefined;
      case "leave_now":
        if (this.#leaving !== undefined) this.#leaving.deadlineMs = this.#nowMs;
        return undefined;
      case "audience":
        this.#audience = input.listeners;
        return undefined;
      case "tick":
        this.#touchDue();
        return undefined;
      default:
        return input satisfies never;
    }
  }

  /** Before anything else: what comes after a silence that was too long does not undo it. */
  #isolate(): void {
    for (const held of this.#isolation.lapse(this.#nowMs)) {
      isolate(held, this.#hands());
      this.#touched.add(held);
    }
  }

  #touchDue(): void {
    const hands = this.#hands();
    for (const held of this.#held.values()) {
      if ((dueMs(held, hands) ?? Infinity) <= this.#nowMs) this.#touched.add(held);
    }
  }

  #tunnelled({ replica, open }: Extract<SessionInput, { kind: "tunnels" }>): void {
    const held = this.#held.get(replica);
    if (held === undefined) return;
    held.tunnels = open;
    this.#touched.add(held);
  }

  #hostSays(input: Extract<SessionInput, { instance: string }>): void {
    const held = this.#held.get(this.#byInstance.get(input.instance) ?? "");
    if (held === undefined) return;
    this.#touched.add(held);
    if (!hostSays(held, input, this.#hands())) return;
    // What has ended may have been in the way of another.
    for (const other of this.#held.values()) if (isSameSlot(other, held)) this.#touched.add(other);
  }

  #follow(orders: Orders, contact: Contact | undefined): OrdersReply {
    const refusal = refusalOf(orders, { identity: this.#identity, memory: this.#memory });
    if (refusal !== undefined) return refusal;
    const { node, replicas } = orders;
    this.#memory = { cluster: orders.cluster, epoch: orders.epoch, revision: orders.revision, node, replicas };
    this.#followed = { epoch: orders.epoch, revision: orders.revision };
    this.#effects.push({ kind: "remember", memory: this.#memory });
    this.#mayStart = true;
    this.#mayStop = true;
    const ordered = new Set(orders.replicas.map((order) => order.assignment.id));
    if (contact !== undefined) this.#isolation.heard(contact);
    for (const order of orders.replicas) this.#isolation.ordered(this.#hold(order), contact, this.#nowMs);
    for (const [id, held] of this.#held) {
      if (ordered.has(id)) continue;
      held.ordered = false;
      this.#touched.add(held);
      withdraw(held, "stop", this.#hands());
    }
    return { kind: "accepted", epoch: orders.epoch, revision: orders.revision };
  }

  #hold(order: Order): Held {
    const { id, draining, restart_seq: restartSeq } = order.assignment;
    const known = this.#held.get(id);
    const held = known ?? newlyHeld(order, this.#nowMs);
    this.#held.set(id, held);
    this.#touched.add(held);
    if (known === undefined) return held;
    if (!draining && this.#leaving === undefined) recall(held, this.#hands());
    follow(held, order, this.#hands());
    if (draining) withdraw(held, "stop", this.#hands());
    else if (restartSeq > held.restartSeq) restart(held, restartSeq, this.#hands());
    return held;
  }

  #leave(replicas: "drained" | "left"): void {
    if (this.#leaving !== undefined) return;
    const alone = this.#audience === 0 || replicas === "left";
    this.#leaving = { replicas, deadlineMs: this.#nowMs + (alone ? 0 : LEAVE_WAIT_MS), said: false };
    if (replicas === "drained" && !alone) this.#effects.push({ kind: "say_leaving" });
  }

  /** Stops what is still here once waiting has ended, and says goodbye when nothing is left to do. */
  #goIfDone(): void {
    const leaving = this.#leaving;
    if (leaving === undefined || leaving.said) return;
    if (leaving.replicas === "drained") {
      const over = this.#nowMs >= leaving.deadlineMs || this.#audience === 0;
      if (over) {
        this.#mayStop = true;
        for (const held of this.#held.values()) {
          if (held.stage.kind === "ended") continue;
          this.#touched.add(held);
          withdraw(held, "stop", this.#hands());
          advance(held, this.#hands());
        }
      }
      if ([...this.#held.values()].some((held) => held.stage.kind !== "ended")) return;
    }
    leaving.said = true;
    this.#tell();
    this.#effects.push({ kind: "goodbye", replicas: leaving.replicas });
  }

  /** Tells what has changed, and lets go of what has ended and is ordered no more. */
  #tell(): void {
    for (const held of this.#touched) {
      const { id } = held.order.assignment;
      const observation = this.#artifacts.observationOf(held, this.#nowMs);
      const text = JSON.stringify(observation);
      if (this.#told.get(id) !== text) {
        this.#told.set(id, text);
        this.#effects.push({ kind: "observe", observation });
      }
      if (held.stage.kind === "ended" && !held.ordered) {
        this.#held.delete(id);
        this.#isolation.forget(held);
        this.#told.delete(id);
        this.#effects.push({ kind: "gone", replica: id });
      }
    }
    this.#touched.clear();
  }

  #hands(): Hands {
    return {
      nowMs: this.#nowMs,
      wall: this.#wall,
      node: this.#memory.node,
      mayStart: (held) =>
        this.#mayStart && this.#leaving === undefined && this.#isolation.mayStart(held, this.#nowMs) &&
        held.ordered && this.#artifacts.suffice(held) && !mustWait(held, this.#held.values()),
      mayStop: this.#mayStop,
      ports: this.#ports,
      newInstance: (replica) => {
        const instance = this.#random.uuid();
        this.#byInstance.set(instance, replica);
        return instance;
      },
      dropInstance: (instance) => this.#byInstance.delete(instance),
      want: (effect) => this.#effects.push(effect),
    };
  }
}
