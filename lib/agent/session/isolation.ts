/**
 * Which exclusive replicas may live. One that its controller can't hear may be begun elsewhere after a while, so it has
 * to have ended by then: it lives until `stop_after` from the last contact. It is begun only by orders that were given
 * in contact: what was delayed on its way, or was remembered, may long be true of another node.
 * @module
 */
import { isExclusive, stopAfterMs } from "../../cluster/isolation.ts";
import type { ServiceSpec } from "../../cluster/service.ts";
import { parseDurationMs } from "../../runtime/duration.ts";
import type { Order } from "../../wire/protocol.ts";
import type { Contact } from "./contact.ts";
import { type Held, instanceOf } from "./held.ts";

const NO_LEASES = "none";

/** Until when the processes of exclusive replicas may live: what the keeper goes by. */
export interface Leases {
  contact: Contact;
  /** How long after the contact each instance is to be gone, its time to stop included. */
  instances: { instance: string; lastsMs: number }[];
}

/** What an exclusive process is held by when its order is forgotten: the contact as this node, and how it is stopped. */
export interface IsolationRules {
  node: string;
  on_isolation: NonNullable<ServiceSpec["on_isolation"]>;
  /** Without a command, which needs what only the order gives. */
  stop: Pick<ServiceSpec["stop"], "signal" | "timeout" | "drain">;
}

/** The rules of an order's replica, if it is exclusive. */
export function isolationRules(
  { assignment: { node }, spec: { on_isolation, stop } }: Order,
): IsolationRules | undefined {
  const { signal, timeout, drain } = stop;
  return on_isolation && { node, on_isolation, stop: { signal, timeout, drain } };
}

export class Isolation {
  #contact: Contact | undefined;
  readonly #replicas = new Set<Held>();
  /** Those that were ordered in contact, which has held ever since. */
  readonly #confirmed = new Set<Held>();
  /** By which contact each instance lives: one that came when its time was over, or as another node, is none of its own. */
  #covers = new Map<string, Contact>();
  #told: string;

  /** `contact`: the last one that a former agent process of this boot noted. */
  constructor(contact: Contact | undefined, inherited: Iterable<Held>) {
    this.#contact = contact;
    // A keeper that goes by older leases is to hear of what there is now.
    this.#told = contact === undefined ? NO_LEASES : "";
    for (const held of inherited) {
      if (!isExclusive(held.order.spec)) continue;
      this.#replicas.add(held);
      const instance = instanceOf(held);
      if (instance !== undefined && covers(contact, held)) this.#covers.set(instance.id, contact);
    }
  }

  /** Takes in that the controller has heard this agent. A former leader's word, or an older one, changes nothing. */
  heard(contact: Contact): void {
    const known = this.#contact;
    if (known !== undefined && (contact.epoch < known.epoch || contact.nowMs <= known.nowMs)) return;
    this.#contact = contact;
  }

  /** Takes in that a replica was ordered, and in which contact that was. */
  ordered(held: Held, contact: Contact | undefined, nowMs: number): void {
    if (!isExclusive(held.order.spec)) return;
    this.#replicas.add(held);
    if (nowMs < endMs(held, contact)) this.#confirmed.add(held);
  }

  forget(held: Held): void {
    this.#replicas.delete(held);
    this.#confirmed.delete(held);
  }

  mayStart(held: Held, nowMs: number): boolean {
    if (!isExclusive(held.order.spec)) return true;
    return this.#confirmed.has(held) && nowMs < endMs(held, this.#contact);
  }

  /** When time alone will end a process. */
  nextMs(): number | undefined {
    const live = [...this.#replicas].filter(({ stage }) => stage.kind === "up" || stage.kind === "draining");
    return live.length === 0 ? undefined : Math.min(...live.map((held) => endMs(held, this.#contact)));
  }

  /** Withdraws what contact no longer covers. Returns those that may not live any more. */
  lapse(nowMs: number): Held[] {
    const over = [...this.#replicas].filter((held) => nowMs >= endMs(held, this.#contact));
    for (const held of over) this.#confirmed.delete(held);
    return over;
  }

  /** Whether a replica waits for orders that are given in contact. */
  get needsOrders(): boolean {
    return [...this.#replicas].some((held) => held.stage.kind === "waiting" && !this.#confirmed.has(held));
  }

  /** Until when each process may live, if that is news to the keeper. */
  news(nowMs: number): Leases | undefined {
    const contact = this.#contact;
    if (contact === undefined) return undefined;
    const known = this.#covers;
    this.#covers = new Map();
    const instances = [...this.#replicas].flatMap((held) => {
      const instance = instanceOf(held);
      const afterMs = stopAfterMs(held.order.spec);
      if (instance === undefined || afterMs === undefined) return [];
      const cover = carriedOn(known.get(instance.id), contact, { held, nowMs });
      if (cover === undefined) return [{ instance: instance.id, lastsMs: 0 }];
      this.#covers.set(instance.id, cover);
      const lastsMs = cover.bootMs - contact.bootMs + afterMs + parseDurationMs(held.order.spec.stop.timeout);
      return [{ instance: instance.id, lastsMs }];
    });
    const text = instances.length === 0 ? NO_LEASES : JSON.stringify([contact, instances]);
    if (text === this.#told) return undefined;
    this.#told = text;
    return { contact, instances };
  }
}

/** The contact that an instance lives by from now on: what is over is not taken up again, however long it takes to end. */
function carriedOn(
  known: Contact | undefined,
  contact: Contact,
  { held, nowMs }: { held: Held; nowMs: number },
): Contact | undefined {
  const isOver = known === undefined ? held.stage.kind !== "up" : nowMs >= endMs(held, known);
  return isOver || !covers(contact, held) ? known : contact;
}

/** Whether a contact is one as the node that the replica is assigned to. */
function covers(contact: Contact | undefined, { order: { assignment } }: Held): contact is Contact {
  return contact?.node === assignment.node;
}

/** When a replica's time is over. A contact of the agent as another node, one that was removed, is none of its own. */
function endMs(held: Held, contact: Contact | undefined): number {
  return covers(contact, held) ? contact.nowMs + (stopAfterMs(held.order.spec) ?? Infinity) : -Infinity;
}
