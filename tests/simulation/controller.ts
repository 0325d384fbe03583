/**
 * A virtual controller: the real `Loop` over a virtual store and network. It can be killed in the middle of a commit,
 * frozen, and started again; what the store has committed survives, everything else does not. One that may decide no
 * more ends, and is started anew by whoever looks after it.
 * @module
 */
import type { Endpoint } from "../../lib/cluster/endpoint.ts";
import type { Change, Commit, Snapshot } from "../../lib/cluster/record.ts";
import type { LoopEffect, LoopInput, LoopSettings } from "../../lib/controller/loop/effect.ts";
import { Loop } from "../../lib/controller/loop/loop.ts";
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import type { Host } from "./host.ts";
import type { Home, Written } from "./local_store.ts";
import type { Network } from "./network.ts";
import type { Timeline } from "./timeline.ts";
import { Wires } from "./wires.ts";

const TICK_MS = 250;
const RESTART_MS = 1_000;
const THAW_MS = { min: 0, max: 1_000 };

export interface ControllerWorld {
  name: string;
  timeline: Timeline;
  random: Random;
  network: Network;
  hosts: ReadonlyMap<string, Host>;
  home: Home;
  settings: LoopSettings;
  planned: (changes: readonly Change[], controller: Controller) => void;
  /** The ingress is told anew where a service is. */
  published: (service: string, endpoints: readonly Endpoint[], controller: Controller) => void;
  happened: (text: string) => void;
  /** What only the simulation wants to know. */
  noted: (text: string) => void;
}

export class Controller {
  readonly name: string;
  readonly network: Network;
  readonly home: Home;
  loop: Loop | undefined;
  readonly #world: ControllerWorld;
  readonly #wires: Wires;
  #isUp = false;
  #frozen = false;
  #queued: (() => void)[] = [];
  /** Tells one life of the controller from the next. */
  #life = 0;
  #deciding = false;

  constructor(world: ControllerWorld) {
    this.name = world.name;
    this.network = world.network;
    this.home = world.home;
    this.#world = world;
    this.#wires = new Wires(world, this);
  }

  start(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    const life = ++this.#life;
    this.home.begin({
      led: (snapshot, epoch) => this.#lead({ life, snapshot, epoch }),
      committed: (commit) => this.#committed(life, commit),
      failed: (why) => this.#failed(life, why),
      sleep: (delayMs, run) => this.#world.timeline.after(delayMs, () => this.#wakeUp(life, run)),
    });
  }

  kill(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.loop = undefined;
    this.#frozen = false;
    this.#queued = [];
    this.home.end();
    this.#wires.endAll(this.#life++);
  }

  freeze(): void {
    if (this.#isUp) this.#frozen = true;
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    for (const run of this.#queued.splice(0)) run();
  }

  get isAwake(): boolean {
    return this.#isUp && !this.#frozen;
  }

  get life(): number {
    return this.#life;
  }

  /** It decides, and what it decides is done. */
  get isWell(): boolean {
    return this.loop !== undefined && this.isAwake && this.home.isWell();
  }

  /** An operator's write. */
  write(changes: readonly Change[], expectedRevision?: number): Written {
    if (this.loop === undefined || this.#frozen) return "refused";
    return this.home.write({ changes, expectedRevision });
  }

  /** Runs what belongs to one life of the controller, and once it is not frozen any more. */
  inLife(life: number, run: () => void): void {
    if (this.#life !== life || !this.#isUp) return;
    if (this.#frozen) this.#queued.push(() => this.inLife(life, run));
    else run();
  }

  /** A timer is due. After a freeze it may take a while until it is its turn: others wait as well. */
  #wakeUp(life: number, run: () => void): void {
    if (!this.#frozen) return this.inLife(life, run);
    this.inLife(life, () => {
      const delayMs = intBetween(this.#world.random, THAW_MS);
      this.#world.timeline.after(delayMs, () => this.inLife(life, run));
    });
  }

  /** Gives an input that was caused by this life of the controller, and only to it. */
  take(life: number, input: LoopInput): void {
    this.inLife(life, () => this.#input(input));
  }

  #lead({ life, snapshot, epoch }: { life: number; snapshot: Snapshot; epoch: number }): void {
    this.inLife(life, () => {
      this.#world.noted(`${this.name} leads, epoch ${epoch}`);
      this.loop = new Loop({ settings: this.#world.settings, random: this.#world.random });
      this.#input({ kind: "loaded", snapshot, epoch });
      this.#tick(life);
    });
  }

  #committed(life: number, commit: Commit): void {
    this.take(life, { kind: "committed", commit: structuredClone(commit) });
  }

  #failed(life: number, why: string): void {
    this.inLife(life, () => {
      this.#world.noted(`${this.name} ends: ${why}`);
      this.kill();
      this.#world.timeline.after(RESTART_MS, () => this.start());
    });
  }

  #tick(life: number): void {
    if (this.#life !== life || this.loop === undefined) return;
    // A timer that has stood still fires once.
    if (!this.#frozen) this.#input({ kind: "tick" });
    this.#world.timeline.after(TICK_MS, () => this.#tick(life));
  }

  #input(input: LoopInput): void {
    const { loop } = this;
    const { timeline } = this.#world;
    const life = this.#life;
    if (loop === undefined) return;
    if (!this.home.mayAct()) return this.#failed(life, "its lease has run out");
    this.#perform(loop.handle(input, timeline.nowMs), life);
    if (this.#deciding) return;
    this.#deciding = true;
    timeline.after(0, () => {
      this.#deciding = false;
      if (this.loop === undefined || this.#frozen) return;
      this.#perform(this.loop.decide(timeline.nowMs, timeline.wall), this.#life);
    });
  }

  #perform(effects: readonly LoopEffect[], life: number): void {
    for (const effect of effects) {
      if (effect.kind === "commit") this.#commit(effect, life);
      else if (effect.kind === "happened") this.#world.happened(effect.happening.text);
      else if (effect.kind === "endpoints") this.#world.published(effect.service, effect.endpoints, this);
      else this.#wires.perform(effect, life);
    }
  }

  #commit({ changes, expectedRevision }: Extract<LoopEffect, { kind: "commit" }>, life: number): void {
    this.#world.planned(changes, this);
    this.home.append({ changes, expectedRevision }, (outcome) => this.take(life, { kind: "commit_ended", outcome }));
  }
}
