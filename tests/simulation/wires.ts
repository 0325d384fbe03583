/**
 * What a virtual controller says to agents and hears from them: probes, streams and orders over the virtual network, as
 * `Fleet` does it over a real one.
 * @module
 */
import type { LoopEffect, LoopInput } from "../../lib/controller/loop/effect.ts";
import type { Controller, ControllerWorld } from "./controller.ts";
import type { Host } from "./host.ts";

/** More streams than one life of a controller opens. */
const STREAMS_MAX = 1_000_000;
/** More lives than a controller has. */
const LIVES_MAX = 1_000_000;

type WireEffect = Exclude<LoopEffect, { kind: "commit" | "happened" | "endpoints" }>;
type Wired<K extends WireEffect["kind"]> = Extract<WireEffect, { kind: K }>;

export class Wires {
  readonly #world: ControllerWorld;
  readonly #controller: Controller;
  /** Tells the streams of one controller from those of another. */
  readonly #number: number;

  /** The host names in addresses: to read them again and again takes long. */
  readonly #names = new Map<string, string>();

  constructor(world: ControllerWorld, controller: Controller) {
    this.#world = world;
    this.#controller = controller;
    this.#number = world.name.charCodeAt(0);
  }

  perform(effect: WireEffect, life: number): void {
    switch (effect.kind) {
      case "probe":
        return this.#probe(effect, life);
      case "open_stream":
        return this.#openStream(effect, life);
      case "close_stream":
        return this.#closeStream(effect, life);
      case "send_orders":
        return this.#sendOrders(effect, life);
      default:
        return effect satisfies never;
    }
  }

  /** The process has ended, and all its connections with it. */
  endAll(life: number): void {
    const first = this.#streamKey(life, 0);
    for (const host of this.#world.hosts.values()) {
      this.#toHost(host, () => {
        host.agent?.whenAwake(() => {
          for (const stream of [...host.agent?.listeners.keys() ?? []]) {
            if (stream >= first && stream < first + STREAMS_MAX) host.agent?.unlisten(stream);
          }
        });
      });
    }
  }

  #probe({ node, url, probe, deadlineMs, ack }: Wired<"probe">, life: number): void {
    const host = this.#hostAt(url);
    const end = this.#once(life);
    this.#world.timeline.after(deadlineMs, () => end({ kind: "probe_failed", node, probe, reason: "no answer" }));
    if (host === undefined) return;
    this.#toHost(host, () => {
      if (host.agent === undefined && host.isUp) {
        this.#toController(host, () => end({ kind: "probe_failed", node, probe, reason: "refused" }));
      }
      host.agent?.whenAwake(() => {
        const health = host.agent?.health(ack);
        if (health === undefined) return;
        this.#toController(host, () => end({ kind: "probe_answered", node, probe, health }));
      });
    });
  }

  #openStream({ node, url, stream }: Wired<"open_stream">, life: number): void {
    const host = this.#hostAt(url);
    if (host === undefined) return;
    const order = { lastMs: 0 };
    const key = this.#streamKey(life, stream);
    const ended = (reason: string) => this.#controller.take(life, { kind: "stream_ended", node, stream, reason });
    this.#toHost(host, () => {
      const { agent } = host;
      if (agent === undefined) {
        if (host.isUp) this.#toController(host, () => ended("refused"));
        return;
      }
      agent.whenAwake(() =>
        agent.listen(key, {
          tell: (line) =>
            this.#world.network.stream(host.name, order, () => {
              // Nobody listens any more: the host is told so by a reset.
              if (this.#controller.life !== life) return this.#toHost(host, () => host.agent?.unlisten(key));
              this.#controller.take(life, { kind: "line", node, stream, line });
              if (line.kind === "goodbye") ended("closed");
            }),
          broken: () => this.#world.network.stream(host.name, order, () => ended("reset")),
        })
      );
    });
  }

  #closeStream({ node, stream }: Wired<"close_stream">, life: number): void {
    const url = this.#controller.loop?.state.nodes.get(node)?.record.url;
    // Where a node was removed or has moved nobody knows the way; the next line is answered by a reset.
    const hosts = url === undefined ? [...this.#world.hosts.values()] : [this.#hostAt(url)];
    for (const host of hosts) {
      if (host !== undefined) this.#toHost(host, () => host.agent?.unlisten(this.#streamKey(life, stream)));
    }
  }

  #sendOrders({ node, url, send, orders, deadlineMs }: Wired<"send_orders">, life: number): void {
    const host = this.#hostAt(url);
    const end = this.#once(life);
    this.#world.timeline.after(deadlineMs, () => end({ kind: "orders_failed", node, send, reason: "no answer" }));
    if (host === undefined) return;
    const text = JSON.stringify(orders);
    this.#toHost(host, () => {
      const contact = host.agent?.replies.provedBy(orders.ack);
      host.agent?.take({ kind: "orders", orders: JSON.parse(text), contact }, (reply) => {
        this.#toController(host, () => end({ kind: "orders_answered", node, send, reply }));
      });
    });
  }

  /** Gives one input and no more: whichever comes first, the answer or the end of waiting. */
  #once(life: number): (input: LoopInput) => void {
    let over = false;
    return (input) => {
      if (!over) this.#controller.take(life, input);
      over = true;
    };
  }

  #toHost(host: Host, arrive: () => void): void {
    this.#world.network.send(host.name, "to_host", arrive);
  }

  #toController(host: Host, arrive: () => void): void {
    this.#world.network.send(host.name, "to_controller", arrive);
  }

  #hostAt(url: string): Host | undefined {
    let name = this.#names.get(url);
    if (name === undefined) this.#names.set(url, name = new URL(url).hostname);
    return this.#world.hosts.get(name);
  }

  /** Streams are numbered anew in each life of each controller. */
  #streamKey(life: number, stream: number): number {
    return (this.#number * LIVES_MAX + life) * STREAMS_MAX + stream;
  }
}
