/**
 * A virtual host: its disk, its processes, and an agent on it that runs the real `Session`. Processes outlive the agent,
 * the disk outlives a reboot; a new agent takes over what it can prove to be its own, by the same proof as on a real one.
 * @module
 */
import type { AdoptedInstance, InstanceRecord, Memory } from "../../lib/agent/session/effect.ts";
import { claimIn, isSameProcess } from "../../lib/agent/process/ownership.ts";
import type { ProcessIdentity } from "../../lib/agent/platform/platform.ts";
import { Session } from "../../lib/agent/session/session.ts";
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import type { Order } from "../../lib/wire/protocol.ts";
import { type Process, ProcessTable, type Program } from "./process.ts";
import type { Timeline } from "./timeline.ts";
import { VirtualKeeper } from "./virtual_keeper.ts";
import { type Run, VirtualAgent, type Watcher } from "./virtual_agent.ts";

const EMPTY_MEMORY: Memory = { cluster: null, epoch: 0, revision: 0, node: "", replicas: [] };
/** How long an agent takes to learn of an end: longer than it takes to learn of a start. */
const EXIT_KNOWN_MS = { min: 6, max: 200 };

export interface HostWorld {
  timeline: Timeline;
  random: Random;
  programOf: (order: Order) => Program;
  watcher: Watcher;
}

export class Host {
  readonly name: string;
  readonly url: string;
  identity: string;
  readonly table = new ProcessTable();
  readonly keeper: VirtualKeeper;
  /** The agent's data folder. */
  readonly disk: { memory: Memory; runs: Map<string, Run>; full: boolean };
  agent: VirtualAgent | undefined;
  /** The host itself runs, whether or not its agent does. */
  isUp = true;
  /** Its agent has taken no orders since the host was started anew. */
  rebooted = false;
  readonly #world: HostWorld;

  constructor(name: string, world: HostWorld) {
    this.name = name;
    this.url = `http://${name}:9090`;
    this.#world = world;
    this.identity = world.random.uuid();
    this.keeper = new VirtualKeeper({
      timeline: world.timeline,
      processes: () => this.table.own,
      end: (process) => this.end(process),
    });
    this.disk = { memory: EMPTY_MEMORY, runs: new Map(), full: false };
  }

  startAgent(): void {
    if (this.agent !== undefined || !this.isUp) return;
    const { adopted, ended, identities } = this.#adopt();
    const { timeline, random } = this.#world;
    const session = new Session({
      identity: this.identity,
      memory: this.disk.memory,
      adopted,
      ended,
      rebooted: this.rebooted,
      contact: this.keeper.lastContact,
      ports: { from: 20_000, to: 29_999 },
      random,
      nowMs: timeline.nowMs,
      wall: timeline.wall,
    });
    this.agent = new VirtualAgent(this, this.#world, { session, adopted: identities });
    this.agent.take({ kind: "tick" });
  }

  /** The agent is killed: its processes run on, its streams break. */
  killAgent(): void {
    const listeners = [...this.agent?.listeners.values() ?? []];
    this.agent = undefined;
    for (const { broken } of listeners) broken();
  }

  /** The agent ends, and somebody removes what it remembered; its processes run on. */
  forgetOrders(): void {
    this.killAgent();
    this.disk.memory = EMPTY_MEMORY;
  }

  /** Everything ends without a word; the disk stays. */
  powerOff(): void {
    this.agent = undefined;
    this.isUp = false;
    this.rebooted = true;
    this.keeper.reboot();
    this.table.reboot(this.#world.timeline.nowMs);
  }

  powerOn(): void {
    this.isUp = true;
    this.startAgent();
  }

  /** Its disk is lost as well: what starts there then is a new agent. */
  wipe(): void {
    this.powerOff();
    this.identity = this.#world.random.uuid();
    this.disk.memory = EMPTY_MEMORY;
    this.disk.runs.clear();
  }

  /** Begins a process; undefined when the host can't have more. */
  begin(own: Process["own"], program: Program): Process | undefined {
    const { timeline } = this.#world;
    const process = this.table.fork({ startedMs: timeline.nowMs, own, program }, this.identity);
    if (process === undefined || program.crashAfterMs === undefined) return process;
    timeline.after(program.crashAfterMs, () => {
      // Unless it was cured meanwhile.
      if (program.crashAfterMs !== undefined) this.end(process);
    });
    return process;
  }

  /** A process ends; its agent, if there is one, learns of it soon. */
  end(process: Process): void {
    if (!this.table.end(process)) return;
    const { timeline, random } = this.#world;
    timeline.after(intBetween(random, EXIT_KNOWN_MS), () => this.agent?.exited(process));
  }

  identityOf({ pid }: Process): ProcessIdentity {
    const facts = this.table.factsOf(pid);
    if (facts === undefined) throw new Error(`Cannot note process ${pid}: it has ended`);
    return { pid, startedAt: facts.startedAt };
  }

  /** As `adopt` does it on a real host. */
  #adopt(): { adopted: AdoptedInstance[]; ended: InstanceRecord[]; identities: Map<string, ProcessIdentity> } {
    const adopted: AdoptedInstance[] = [];
    const ended: InstanceRecord[] = [];
    const identities = new Map<string, ProcessIdentity>();
    for (const [instance, { record, note }] of [...this.disk.runs]) {
      const ranHere = note !== undefined && note.boot === this.table.boot;
      const process = ranHere ? this.#proved(note.identity) : undefined;
      if (ranHere && process !== undefined) {
        this.#world.watcher.adopted(this, process, instance);
        adopted.push({ ...record, pid: process.pid });
        identities.set(instance, note.identity);
        continue;
      }
      if (ranHere) ended.push(record);
      this.disk.runs.delete(instance);
    }
    return { adopted, ended, identities };
  }

  #proved(noted: ProcessIdentity): Process | undefined {
    const process = this.table.at(noted.pid);
    if (process === undefined || !isSameProcess(noted, this.table.factsOf(noted.pid))) return undefined;
    return claimIn(process.environment, this.identity).kind === "foreign" ? undefined : process;
  }
}
