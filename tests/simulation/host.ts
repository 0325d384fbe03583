/**
 * A virtual host: its disk, its processes, and an agent on it that runs the real `Session`. Processes outlive the agent,
 * the disk outlives a reboot; both are what the real executor and adoption would find.
 * @module
 */
import type { InstanceRecord, Memory, SessionEffect, SessionInput } from "../../lib/agent/effect.ts";
import { Session } from "../../lib/agent/session.ts";
import type { AgentHealth, FeedLine, Order, Orders, OrdersReply } from "../../lib/wire/protocol.ts";
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import type { Process, Program } from "./process.ts";
import type { Timeline } from "./timeline.ts";

/** What the rest of the simulation wants to know of a host. */
export interface Watcher {
  spawned: (host: Host, order: Order) => void;
  followed: (host: Host, orders: Orders, before: Memory) => void;
  signalled: (host: Host, process: Process) => void;
}

/** The controller's end of an observation stream. */
export interface Listener {
  tell: (line: FeedLine) => void;
  broken: () => void;
}

const EMPTY_MEMORY: Memory = { cluster: null, epoch: 0, revision: 0, node: "", replicas: [] };

interface Agent {
  session: Session;
  frozen: boolean;
  /** Inputs that came while it was frozen. */
  queued: (() => void)[];
  listeners: Map<number, Listener>;
  wakeToken: number;
  seq: number;
}

export class Host {
  readonly name: string;
  readonly url: string;
  readonly identity: string;
  readonly processes = new Map<number, Process>();
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #programOf: (order: Order) => Program;
  readonly #watcher: Watcher;
  agent: Agent | undefined;
  /** The host itself runs, whether or not its agent does. */
  isUp = true;
  memory: Memory = EMPTY_MEMORY;
  readonly #records = new Map<string, InstanceRecord>();
  /** Its agent has taken no orders since the host was started anew. */
  rebooted = false;
  #pids = 100;

  constructor(
    name: string,
    world: { timeline: Timeline; random: Random; programOf: (order: Order) => Program; watcher: Watcher },
  ) {
    this.name = name;
    this.url = `http://${name}:9090`;
    this.#timeline = world.timeline;
    this.#random = world.random;
    this.#programOf = world.programOf;
    this.#watcher = world.watcher;
    this.identity = world.random.uuid();
  }

  startAgent(): void {
    if (this.agent !== undefined) return;
    const alive = [...this.processes.values()];
    const adopted = alive.flatMap((process) => {
      const record = this.#records.get(process.instance);
      return record === undefined ? [] : [{ ...record, pid: process.pid }];
    });
    const known = new Set(alive.map((process) => process.instance));
    const ended = [...this.#records.values()].filter((record) => !known.has(record.instance));
    for (const record of ended) this.#records.delete(record.instance);
    const session = new Session({
      identity: this.identity,
      memory: this.memory,
      adopted,
      ended,
      rebooted: this.rebooted,
      ports: { from: 20_000, to: 29_999 },
      random: this.#random,
      nowMs: this.#timeline.nowMs,
      wall: this.#timeline.wall,
    });
    this.agent = { session, frozen: false, queued: [], listeners: new Map(), wakeToken: 0, seq: this.#timeline.nowMs };
    this.input({ kind: "tick" });
  }

  /** The agent is killed: its processes run on, its streams break. */
  killAgent(): void {
    const listeners = [...this.agent?.listeners.values() ?? []];
    this.agent = undefined;
    for (const { broken } of listeners) broken();
  }

  /** Everything ends without a word; the disk stays. */
  powerOff(): void {
    this.agent = undefined;
    this.isUp = false;
    this.processes.clear();
    this.rebooted = true;
  }

  powerOn(): void {
    this.isUp = true;
    this.startAgent();
  }

  freeze(): void {
    if (this.agent !== undefined) this.agent.frozen = true;
  }

  thaw(): void {
    const agent = this.agent;
    if (agent === undefined || !agent.frozen) return;
    agent.frozen = false;
    for (const run of agent.queued.splice(0)) run();
    this.input({ kind: "tick" });
  }

  /** A process ends; its agent, if there is one, learns of it soon. */
  endProcess(pid: number): void {
    const process = this.processes.get(pid);
    if (process === undefined) return;
    this.processes.delete(pid);
    this.#timeline.after(intBetween(this.#random, { min: 1, max: 200 }), () => {
      if (this.agent === undefined) return;
      this.#records.delete(process.instance);
      this.input({ kind: "exited", instance: process.instance, code: 1, signal: null });
    });
  }

  /** Gives the session an input now, or once it is thawed, and performs what it wants. */
  input(input: SessionInput): OrdersReply | undefined {
    const agent = this.agent;
    if (agent === undefined) return undefined;
    if (agent.frozen) {
      agent.queued.push(() => this.input(input));
      return undefined;
    }
    const before = agent.session.memory;
    const { effects, reply } = agent.session.handle(input, this.#timeline.nowMs, this.#timeline.wall);
    if (input.kind === "orders" && reply?.kind === "accepted") {
      this.rebooted = false;
      this.#watcher.followed(this, input.orders, before);
    }
    for (const effect of effects) this.#perform(agent, effect);
    this.#planWake(agent);
    return reply;
  }

  /** Runs something in the agent, now or when it is thawed; never if there is none. */
  whenAwake(run: () => void): void {
    if (this.agent?.frozen === true) this.agent.queued.push(run);
    else if (this.agent !== undefined) run();
  }

  health(): AgentHealth | undefined {
    const session = this.agent?.session;
    if (session === undefined) return undefined;
    const { cluster } = session.memory;
    const { epoch, revision } = session.followed;
    return {
      program: "muster-agent",
      identity: this.identity,
      name: this.name,
      version: "0.0.0",
      cluster,
      epoch,
      revision,
      labels: {},
      capacity: { cpu: 4, memory: 4_096 },
      leaving: session.leaving,
    };
  }

  listen(stream: number, listener: Listener): void {
    const agent = this.agent;
    if (agent === undefined) return;
    agent.listeners.set(stream, listener);
    const replicas = agent.session.observations();
    listener.tell({ kind: "snapshot", seq: agent.seq, identity: this.identity, replicas });
    this.input({ kind: "audience", listeners: agent.listeners.size });
  }

  /** The ends of these streams at the controller are gone. */
  unlistenWhere(isGone: (stream: number) => boolean): void {
    for (const stream of [...this.agent?.listeners.keys() ?? []]) if (isGone(stream)) this.unlisten(stream);
  }

  unlisten(stream: number): void {
    const agent = this.agent;
    if (agent?.listeners.delete(stream) === true) this.input({ kind: "audience", listeners: agent.listeners.size });
  }

  heartbeat(): void {
    if (this.agent?.frozen === false) this.#tell(this.agent, { kind: "heartbeat" });
  }

  #tell(agent: Agent, line: Record<string, unknown>): void {
    agent.seq += 1;
    for (const { tell } of agent.listeners.values()) tell({ ...line, seq: agent.seq } as FeedLine);
  }

  #perform(agent: Agent, effect: SessionEffect): void {
    switch (effect.kind) {
      case "remember":
        this.memory = effect.memory;
        return;
      case "spawn":
        return this.#spawn(agent, effect);
      case "signal":
        return this.#signal(effect);
      case "probe":
        return this.#probe(agent, effect.instance);
      case "observe":
        return this.#tell(agent, { kind: "observation", observation: effect.observation });
      case "gone":
        return this.#tell(agent, { kind: "gone", replica: effect.replica });
      case "say_leaving":
        return this.#tell(agent, { kind: "leaving" });
      case "goodbye":
        this.#tell(agent, { kind: "goodbye", replicas: effect.replicas });
        this.agent = undefined;
        return;
      default:
        return effect satisfies never;
    }
  }

  #spawn(agent: Agent, { record, order }: Extract<SessionEffect, { kind: "spawn" }>): void {
    this.#watcher.spawned(this, order);
    this.#timeline.after(intBetween(this.#random, { min: 1, max: 20 }), () => {
      // An agent that died before it got to it has started nothing.
      if (this.agent !== agent) return;
      const pid = ++this.#pids;
      this.#records.set(record.instance, record);
      const process = {
        pid,
        instance: record.instance,
        replica: record.replica,
        identity: this.identity,
        startedMs: this.#timeline.nowMs,
        program: this.#programOf(order),
      };
      this.processes.set(pid, process);
      const { crashAfterMs } = process.program;
      if (crashAfterMs !== undefined) this.#timeline.after(crashAfterMs, () => this.#crash(process));
      this.input({ kind: "spawned", instance: record.instance, pid });
    });
  }

  /** It would crash now, unless it was cured meanwhile. */
  #crash(process: Process): void {
    if (process.program.crashAfterMs !== undefined) this.endProcess(process.pid);
  }

  #signal(effect: Extract<SessionEffect, { kind: "signal" }>): void {
    const process = [...this.processes.values()].find((candidate) => candidate.instance === effect.instance);
    if (process === undefined) return;
    this.#watcher.signalled(this, process);
    const { endsAfterMs } = process.program;
    if (effect.signal === "SIGKILL") this.endProcess(process.pid);
    else if (endsAfterMs !== undefined) this.#timeline.after(endsAfterMs, () => this.endProcess(process.pid));
  }

  #probe(agent: Agent, instance: string): void {
    this.#timeline.after(intBetween(this.#random, { min: 1, max: 8 }), () => {
      if (this.agent !== agent) return;
      const process = [...this.processes.values()].find((candidate) => candidate.instance === instance);
      const ok = process !== undefined &&
        this.#timeline.nowMs - process.startedMs >= process.program.readyAfterMs;
      this.input({ kind: "probed", instance, ok, detail: ok ? "" : "no answer" });
    });
  }

  #planWake(agent: Agent): void {
    const token = ++agent.wakeToken;
    const atMs = agent.session.nextWakeMs();
    if (atMs === undefined) return;
    this.#timeline.after(atMs - this.#timeline.nowMs, () => {
      if (this.agent === agent && agent.wakeToken === token) this.input({ kind: "tick" });
    });
  }
}
