/**
 * The virtual controller: the real `Loop` over a virtual store and network. It can be killed in the middle of a commit,
 * frozen, and started again; what the store has committed survives, everything else does not.
 * @module
 */
import type { Change, Commit, StoredRecord } from "../../lib/cluster/record.ts";
import { keyOf, keyOfChange } from "../../lib/cluster/record.ts";
import type { LoopEffect, LoopInput, LoopSettings } from "../../lib/controller/effect.ts";
import { Loop } from "../../lib/controller/loop.ts";
import type { Appended } from "../../lib/controller/store/store.ts";
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import type { Host } from "./host.ts";
import type { Network } from "./network.ts";
import type { Timeline } from "./timeline.ts";

const TICK_MS = 250;
/** More streams than one life of a controller opens. */
const STREAMS_MAX = 1_000_000_000;

/** What is on the controller's disk. */
export class Disk {
  readonly records = new Map<string, StoredRecord>();
  revision = 0;
  epoch = 0;

  append(changes: readonly Change[], expectedRevision: number | undefined): Appended & { commit?: Commit } {
    if (expectedRevision !== undefined && expectedRevision !== this.revision) {
      return { kind: "conflict", revision: this.revision };
    }
    this.revision += 1;
    for (const change of changes) {
      if (change.op === "delete") this.records.delete(keyOfChange(change));
      else this.records.set(keyOf(change.record), { record: change.record, revision: this.revision });
    }
    const commit = { revision: this.revision, changes: structuredClone([...changes]) };
    return { kind: "committed", revision: this.revision, commit };
  }
}

export interface World {
  timeline: Timeline;
  random: Random;
  network: Network;
  hosts: ReadonlyMap<string, Host>;
  settings: LoopSettings;
  planned: (changes: readonly Change[]) => void;
  committed: (commit: Commit) => void;
  happened: (text: string) => void;
}

export class Controller {
  readonly disk = new Disk();
  readonly #cluster: string;
  readonly #world: World;
  loop: Loop | undefined;
  #frozen = false;
  #queued: (() => void)[] = [];
  /** Tells one life of the controller from the next. */
  #life = 0;
  #deciding = false;

  constructor(world: World) {
    this.#world = world;
    this.#cluster = world.random.uuid();
  }

  start(): void {
    if (this.loop !== undefined) return;
    this.#life += 1;
    this.disk.epoch += 1;
    this.loop = new Loop({ settings: this.#world.settings, random: this.#world.random });
    const records = [...this.disk.records.values()];
    const snapshot = { cluster: this.#cluster, epoch: this.disk.epoch, revision: this.disk.revision, records };
    this.#input({ kind: "loaded", snapshot: structuredClone(snapshot), epoch: this.disk.epoch });
    this.#tick(this.#life);
  }

  kill(): void {
    this.loop = undefined;
    this.#frozen = false;
    this.#queued = [];
    const ended = this.#life++;
    for (const host of this.#world.hosts.values()) {
      const unlisten = () => host.unlistenWhere((stream) => lifeOf(stream) === ended);
      this.#world.network.send(host.name, "to_host", () => host.whenAwake(unlisten));
    }
  }

  freeze(): void {
    if (this.loop !== undefined) this.#frozen = true;
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    for (const run of this.#queued.splice(0)) run();
  }

  /** An operator's write. Returns whether it was acknowledged. */
  write(changes: Change[]): boolean {
    if (this.loop === undefined || this.#frozen) return false;
    const { commit } = this.disk.append(changes, undefined);
    if (commit !== undefined) this.#publish(commit);
    return commit !== undefined;
  }

  #tick(life: number): void {
    if (this.#life !== life || this.loop === undefined) return;
    if (!this.#frozen) this.#input({ kind: "tick" });
    this.#world.timeline.after(TICK_MS, () => this.#tick(life));
  }

  #input(input: LoopInput): void {
    const { loop } = this;
    if (loop === undefined) return;
    if (this.#frozen) {
      this.#queued.push(() => this.#input(input));
      return;
    }
    for (const effect of loop.handle(input, this.#world.timeline.nowMs)) this.#perform(effect);
    if (this.#deciding) return;
    this.#deciding = true;
    this.#world.timeline.after(0, () => {
      this.#deciding = false;
      if (this.loop === undefined || this.#frozen) return;
      for (const effect of this.loop.decide(this.#world.timeline.nowMs)) this.#perform(effect);
    });
  }

  /** Gives an input that was caused by this life of the controller, and only to it. */
  #later(life: number, input: LoopInput): void {
    if (this.#life === life) this.#input(input);
  }

  #publish(commit: Commit): void {
    this.#world.committed(commit);
    this.#input({ kind: "committed", commit });
  }

  #perform(effect: LoopEffect): void {
    const life = this.#life;
    const { random, timeline } = this.#world;
    switch (effect.kind) {
      case "commit":
        this.#world.planned(effect.changes);
        timeline.after(intBetween(random, { min: 1, max: 8 }), () => {
          // Killed before the disk had it, or after: nobody can tell, and both must be right.
          if (this.#life !== life && random.next() < 0.5) return;
          const { commit, ...outcome } = this.disk.append(effect.changes, effect.expectedRevision);
          if (this.#life !== life || this.loop === undefined) {
            if (commit !== undefined) this.#world.committed(commit);
            return;
          }
          if (commit !== undefined) this.#publish(commit);
          this.#input({ kind: "commit_ended", outcome });
        });
        return;
      case "probe":
        return this.#probe(effect, life);
      case "open_stream":
        return this.#openStream(effect, life);
      case "close_stream":
        this.#world.network.send(this.#hostOf(effect.node)?.name ?? "", "to_host", () => {
          this.#hostOf(effect.node)?.unlisten(streamKey(life, effect.stream));
        });
        return;
      case "send_orders":
        return this.#sendOrders(effect, life);
      case "happened":
        return this.#world.happened(effect.happening.text);
      case "endpoints":
        return;
      default:
        return effect satisfies never;
    }
  }

  #probe({ node, probe, deadlineMs }: Extract<LoopEffect, { kind: "probe" }>, life: number): void {
    const { network, timeline } = this.#world;
    const host = this.#hostOf(node);
    let over = false;
    const end = (input: LoopInput) => {
      if (over) return;
      over = true;
      this.#later(life, input);
    };
    timeline.after(deadlineMs, () => end({ kind: "probe_failed", node, probe, reason: "no answer" }));
    if (host === undefined) return;
    network.send(host.name, "to_host", () => {
      if (host.agent === undefined && host.isUp) {
        network.send(host.name, "to_controller", () => end({ kind: "probe_failed", node, probe, reason: "refused" }));
      }
      host.whenAwake(() => {
        const health = host.health();
        if (health === undefined) return;
        network.send(host.name, "to_controller", () => end({ kind: "probe_answered", node, probe, health }));
      });
    });
  }

  #openStream({ node, stream }: Extract<LoopEffect, { kind: "open_stream" }>, life: number): void {
    const { network } = this.#world;
    const host = this.#hostOf(node);
    if (host === undefined) return;
    const order = { lastMs: 0 };
    network.send(host.name, "to_host", () => {
      if (host.agent === undefined) {
        if (!host.isUp) return;
        network.send(
          host.name,
          "to_controller",
          () => this.#later(life, { kind: "stream_ended", node, stream, reason: "refused" }),
        );
        return;
      }
      host.whenAwake(() => {
        host.listen(streamKey(life, stream), {
          tell: (line) =>
            network.stream(host.name, order, () => {
              this.#later(life, { kind: "line", node, stream, line });
              if (line.kind === "goodbye") this.#later(life, { kind: "stream_ended", node, stream, reason: "closed" });
            }),
          broken: () =>
            network.stream(
              host.name,
              order,
              () => this.#later(life, { kind: "stream_ended", node, stream, reason: "reset" }),
            ),
        });
      });
    });
  }

  #sendOrders({ node, send, orders, deadlineMs }: Extract<LoopEffect, { kind: "send_orders" }>, life: number): void {
    const { network, timeline } = this.#world;
    const host = this.#hostOf(node);
    let over = false;
    const end = (input: LoopInput) => {
      if (over) return;
      over = true;
      this.#later(life, input);
    };
    timeline.after(deadlineMs, () => end({ kind: "orders_failed", node, send, reason: "no answer" }));
    if (host === undefined) return;
    const text = JSON.stringify(orders);
    network.send(host.name, "to_host", () => {
      host.whenAwake(() => {
        const reply = host.input({ kind: "orders", orders: JSON.parse(text) });
        if (reply === undefined) return;
        network.send(host.name, "to_controller", () => end({ kind: "orders_answered", node, send, reply }));
      });
    });
  }

  #hostOf(node: string): Host | undefined {
    const url = this.loop?.state.nodes.get(node)?.record.url;
    return url === undefined ? undefined : this.#world.hosts.get(new URL(url).hostname);
  }
}

/** Streams are numbered anew in each life of the controller. */
function streamKey(life: number, stream: number): number {
  return life * STREAMS_MAX + stream;
}

function lifeOf(key: number): number {
  return Math.floor(key / STREAMS_MAX);
}
