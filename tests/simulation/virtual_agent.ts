/**
 * One life of an agent on a virtual host: the real `Session`, and what `executor` and `instances` do around it. What is
 * to be remembered is tried until the disk takes it, and what begins or ends something waits for that, in order.
 * @module
 */
import {
  type DurableEffect,
  type InstanceRecord,
  type Memory,
  type SessionEffect,
  type SessionInput,
  waitsForMemory,
} from "../../lib/agent/session/effect.ts";
import { Replies } from "../../lib/agent/session/contact.ts";
import { isSameProcess } from "../../lib/agent/process/ownership.ts";
import type { ProcessIdentity } from "../../lib/agent/platform/platform.ts";
import type { Session } from "../../lib/agent/session/session.ts";
import { intBetween } from "../../lib/runtime/random.ts";
import { VERSION } from "../../lib/runtime/version.ts";
import type { Ack, AgentHealth, FeedLine, Order, Orders, OrdersReply } from "../../lib/wire/protocol.ts";
import { DiskQueue, type Due } from "./disk_queue.ts";
import type { Host, HostWorld } from "./host.ts";
import type { Process } from "./process.ts";

/** What the rest of the simulation wants to know of a host. */
export interface Watcher {
  spawned: (host: Host, order: Order) => void;
  followed: (host: Host, orders: Orders, before: Memory) => void;
  answered: (host: Host, reply: OrdersReply) => void;
  /** That follows once the disk has what is to be remembered. */
  decided: (host: Host, instance: string) => void;
  signalled: (host: Host, process: Process, instance: string) => void;
  adopted: (host: Host, process: Process, instance: string) => void;
  begun: (host: Host, order: Order, process: Process) => void;
}

/** The controller's end of an observation stream. */
export interface Listener {
  tell: (line: FeedLine) => void;
  broken: () => void;
}

export interface AgentStart {
  session: Session;
  /** The processes that it has adopted, by instance. */
  adopted: Map<string, ProcessIdentity>;
}

export class VirtualAgent {
  readonly session: Session;
  readonly listeners = new Map<number, Listener>();
  readonly replies: Replies;
  frozen = false;
  readonly #host: Host;
  readonly #world: HostWorld;
  readonly #instances: Map<string, ProcessIdentity>;
  /** What is to be done to each process that is being begun, once it is there. */
  readonly #onceBegun = new Map<string, (() => void)[]>();
  /** What came while it was frozen. */
  #missed: (() => void)[] = [];
  readonly #queue: DiskQueue;
  #wakeToken = 0;
  #seq: number;

  constructor(host: Host, world: HostWorld, { session, adopted }: AgentStart) {
    this.#host = host;
    this.#world = world;
    this.session = session;
    this.#instances = adopted;
    this.#seq = world.timeline.nowMs;
    this.#queue = new DiskQueue({
      disk: host.disk,
      later: (delayMs, run) => this.#later(delayMs, run),
      perform: (due) => this.#perform(due),
      isAlive: () => host.agent === this,
    });
    const moment = () => ({ nowMs: world.timeline.nowMs, bootMs: world.timeline.nowMs });
    this.replies = new Replies({ run: world.random.uuid(), moment });
  }

  /** Gives the session an input now, or once it is thawed. `answered` gets the reply once it may be given. */
  take(input: SessionInput, answered?: (reply: OrdersReply) => void): void {
    this.whenAwake(() => {
      const { timeline, watcher } = this.#world;
      const before = this.session.memory;
      const { effects, reply } = this.session.handle(input, timeline.nowMs, timeline.wall);
      if (input.kind === "orders" && reply?.kind === "accepted") {
        this.#host.rebooted = false;
        watcher.followed(this.#host, input.orders, before);
      }
      if (input.kind === "leave" && input.replicas === "drained") this.#queue.loseHope();
      for (const effect of effects) {
        if (effect.kind === "signal") watcher.decided(this.#host, effect.instance);
        if (waitsForMemory(effect)) this.#queue.add(effect);
        else this.#performAtOnce(effect);
      }
      if (reply !== undefined) {
        const give = () => {
          watcher.answered(this.#host, reply);
          answered?.(reply);
        };
        this.#queue.add({ kind: "answer", give });
      }
      this.#planWake();
    });
  }

  /** Runs something in the agent, now or when it is thawed; never once it has ended. */
  whenAwake(run: () => void): void {
    if (this.#host.agent !== this) return;
    if (this.frozen) this.#missed.push(run);
    else run();
  }

  thaw(): void {
    if (!this.frozen) return;
    this.frozen = false;
    for (const run of this.#missed.splice(0)) run();
    this.take({ kind: "tick" });
  }

  /** Whether it does at once what it is told to. */
  get isResponsive(): boolean {
    return !this.frozen && !this.#queue.waits && !this.session.leaving;
  }

  /** Answers a health check, which may say that an earlier answer has come. */
  health(ack?: Ack): AgentHealth {
    const contact = this.replies.provedBy(ack);
    if (contact !== undefined) this.take({ kind: "acked", contact });
    const { cluster } = this.session.memory;
    return {
      program: "muster-agent",
      identity: this.session.identity,
      name: this.#host.name,
      version: VERSION,
      cluster,
      ...this.session.followed,
      labels: {},
      capacity: { cpu: 4, memory: 4_096 },
      leaving: this.session.leaving,
      features: ["isolation"],
      ...this.replies.next(),
    };
  }

  listen(stream: number, listener: Listener): void {
    this.listeners.set(stream, listener);
    const replicas = this.session.observations();
    listener.tell({ kind: "snapshot", seq: this.#seq, identity: this.session.identity, replicas });
    this.take({ kind: "audience", listeners: this.listeners.size });
  }

  unlisten(stream: number): void {
    if (this.listeners.delete(stream)) this.take({ kind: "audience", listeners: this.listeners.size });
  }

  heartbeat(): void {
    if (!this.frozen) this.#tell({ kind: "heartbeat" });
  }

  /** One of its processes has ended, which it learns now. */
  exited({ own }: Process): void {
    this.whenAwake(() => {
      if (own === undefined || !this.#instances.delete(own.instance)) return;
      this.#host.disk.runs.delete(own.instance);
      this.take({ kind: "exited", instance: own.instance, code: 1, signal: null });
    });
  }

  #performAtOnce(effect: Exclude<SessionEffect, DurableEffect>): void {
    switch (effect.kind) {
      case "remember":
        return this.#queue.remember(effect.memory);
      case "keep":
        return this.#host.keeper.hold(effect.leases);
      case "probe":
        return this.#probe(effect);
      case "read_last_words":
        return;
      case "observe":
        return this.#tell({ kind: "observation", observation: effect.observation });
      case "say_leaving":
        return this.#tell({ kind: "leaving" });
      case "goodbye":
        this.#tell({ kind: "goodbye", replicas: effect.replicas });
        this.#host.agent = undefined;
        return;
      default:
        return effect satisfies never;
    }
  }

  #perform(effect: Due): void {
    switch (effect.kind) {
      case "spawn":
        return this.#spawn(effect);
      case "signal":
        return this.#signal(effect);
      case "stop_command":
        return this.#soon(8, () => {
          this.take({ kind: "stop_command_ended", instance: effect.instance, ok: true, detail: "" });
        });
      case "gone":
        return this.#tell({ kind: "gone", replica: effect.replica });
      case "answer":
        return effect.give();
      default:
        return effect satisfies never;
    }
  }

  #spawn({ record, order }: Extract<SessionEffect, { kind: "spawn" }>): void {
    const host = this.#host;
    const { instance } = record;
    this.#world.watcher.spawned(host, order);
    const failed = (reason: string) => {
      this.#onceBegun.delete(instance);
      host.disk.runs.delete(instance);
      this.take({ kind: "spawn_failed", instance, reason, takenPort: undefined });
    };
    if (host.disk.full) return this.#soon(5, () => failed("Cannot start it: no space left on the disk"));
    host.disk.runs.set(instance, { record, note: undefined });
    this.#onceBegun.set(instance, []);
    const untilMs = host.keeper.untilMs(instance);
    this.#soon(20, () => {
      if (untilMs !== undefined && this.#world.timeline.nowMs >= untilMs) return failed("Cannot start it: too late");
      const process = host.begin({ instance, replica: record.replica }, this.#world.programOf(order));
      if (process === undefined) return failed("Cannot start it: no process id is free");
      this.#world.watcher.begun(host, order, process);
      const identity = host.identityOf(process);
      host.disk.runs.set(instance, { record, note: { boot: host.table.boot, identity } });
      // It runs from here on, also when its agent ends before it knows of it.
      this.#instances.set(instance, identity);
      this.#soon(5, () => this.take({ kind: "spawned", instance, pid: process.pid }));
      const steps = this.#onceBegun.get(instance) ?? [];
      this.#onceBegun.delete(instance);
      for (const step of steps) step();
    });
  }

  #signal(effect: Extract<SessionEffect, { kind: "signal" }>): void {
    const { instance, signal } = effect;
    const later = this.#onceBegun.get(instance);
    if (later !== undefined) {
      later.push(() => this.#signal(effect));
      return;
    }
    const noted = this.#instances.get(instance);
    const { table } = this.#host;
    const process = noted && table.at(noted.pid);
    if (noted === undefined || process === undefined || !isSameProcess(noted, table.factsOf(noted.pid))) return;
    this.#world.watcher.signalled(this.#host, process, instance);
    const { endsAfterMs } = process.program;
    if (signal === "SIGKILL") this.#host.end(process);
    else if (endsAfterMs !== undefined) this.#world.timeline.after(endsAfterMs, () => this.#host.end(process));
  }

  #probe({ instance, check }: Extract<SessionEffect, { kind: "probe" }>): void {
    this.#soon(8, () => {
      const process = this.#host.table.own.find(({ own }) => own?.instance === instance);
      const ok = process !== undefined &&
        this.#world.timeline.nowMs - process.startedMs >= process.program.readyAfterMs;
      this.take({ kind: "probed", instance, check, ok, detail: ok ? "" : "no answer" });
    });
  }

  #tell(line: Record<string, unknown>): void {
    this.#seq += 1;
    for (const { tell } of this.listeners.values()) tell({ ...line, seq: this.#seq } as FeedLine);
  }

  #soon(maxMs: number, run: () => void): void {
    this.#later(intBetween(this.#world.random, { min: 1, max: maxMs }), run);
  }

  #later(delayMs: number, run: () => void): void {
    this.#world.timeline.after(delayMs, () => this.whenAwake(run));
  }

  /** Asks when to wake once all that comes at this moment has come: that is what takes longest of all. */
  #planWake(): void {
    const { timeline } = this.#world;
    const token = ++this.#wakeToken;
    timeline.after(0, () => {
      if (this.#wakeToken !== token) return;
      const atMs = this.session.nextWakeMs();
      if (atMs === undefined) return;
      this.#later(atMs - timeline.nowMs, () => {
        if (this.#wakeToken === token) this.take({ kind: "tick" });
      });
    });
  }
}

/** What the agent's disk says about a process that was begun. */
export interface Run {
  record: InstanceRecord;
  note: { boot: string; identity: ProcessIdentity } | undefined;
}
