/**
 * Where the cluster's services are, as the controller has told this agent, and which replica a connection to one goes
 * to: the one with the fewest connections from here, in turn among equals, and a doubtful one only where there is no
 * other. Decides only: `address_relay` connects.
 * @module
 */
import type { EndpointsPosition, EndpointsPush, PeerEndpoint, Revocation } from "../../wire/protocol.ts";

/** A replica that could not be reached is chosen last for this long. */
export const AVOIDED_MS = 1_000;

/** All that is known at some position. */
export interface KnownEndpoints extends EndpointsPosition {
  services: EndpointsPush["services"];
  revoked: Revocation[];
}

export const NOTHING_KNOWN: KnownEndpoints = { epoch: 0, seq: 0, services: [], revoked: [] };

/** A replica that is an endpoint no more: `lost` with its node, or `withdrawn` from one that answers. */
export interface Gone {
  replica: string;
  how: "lost" | "withdrawn";
}

/** `refused`: it is older than what is known, or says only what changed since something that is not known here. */
export type Taken = { kind: "taken"; gone: Gone[] } | { kind: "refused" };

export class AddressBook {
  #position: EndpointsPosition;
  readonly #services: Map<string, PeerEndpoint[]>;
  readonly #open = new Map<string, number>();
  readonly #avoidedUntilMs = new Map<string, number>();
  #revoked: Revocation[];
  #turn = 0;

  constructor({ epoch, seq, services, revoked }: KnownEndpoints = NOTHING_KNOWN) {
    this.#position = { epoch, seq };
    this.#revoked = revoked;
    this.#services = new Map(services.map(({ name, endpoints }) => [name, endpoints]));
  }

  get position(): EndpointsPosition {
    return this.#position;
  }

  get known(): KnownEndpoints {
    const services = [...this.#services].map(([name, endpoints]) => ({ name, endpoints }));
    return { ...this.#position, services, revoked: this.#revoked };
  }

  /** Takes in what the controller tells, all of it or what has changed. */
  take({ epoch, seq, after, services, revoked }: EndpointsPush): Taken {
    const known = this.#position;
    if (epoch < known.epoch || (epoch === known.epoch && seq < known.seq)) return { kind: "refused" };
    if (after !== null && (epoch !== known.epoch || after !== known.seq)) return { kind: "refused" };
    this.#position = { epoch, seq };
    this.#revoked = revoked;
    const told = new Map(services.map(({ name, endpoints }) => [name, endpoints]));
    const changed = after === null ? new Set([...this.#services.keys(), ...told.keys()]) : told.keys();
    return { kind: "taken", gone: [...changed].flatMap((name) => this.#replace(name, told.get(name) ?? [])) };
  }

  /** The replica for the next connection. `except` are those that were tried in vain for it. */
  choose(
    service: string,
    { except, nowMs }: { except: ReadonlySet<string>; nowMs: number },
  ): PeerEndpoint | undefined {
    const endpoints = this.#services.get(service) ?? [];
    const first = this.#turn++;
    let best: PeerEndpoint | undefined;
    let bestCost = Infinity;
    for (let at = 0; at < endpoints.length; at++) {
      const endpoint = endpoints[(first + at) % endpoints.length]!;
      const cost = this.#costOf(endpoint, nowMs);
      if (cost >= bestCost || except.has(endpoint.replica)) continue;
      best = endpoint;
      bestCost = cost;
    }
    return best;
  }

  /** Notes a connection, which is there until `close`. */
  open({ replica }: PeerEndpoint): void {
    this.#open.set(replica, (this.#open.get(replica) ?? 0) + 1);
  }

  close({ replica }: PeerEndpoint): void {
    const left = (this.#open.get(replica) ?? 0) - 1;
    if (left > 0) this.#open.set(replica, left);
    else this.#open.delete(replica);
  }

  /** Notes that it could not be reached. */
  avoid({ replica }: PeerEndpoint, nowMs: number): void {
    this.#avoidedUntilMs.set(replica, nowMs + AVOIDED_MS);
  }

  #costOf({ replica, suspect }: PeerEndpoint, nowMs: number): number {
    const isDoubtful = suspect || (this.#avoidedUntilMs.get(replica) ?? 0) > nowMs;
    return (this.#open.get(replica) ?? 0) + (isDoubtful ? DOUBT : 0);
  }

  #replace(service: string, endpoints: PeerEndpoint[]): Gone[] {
    const before = this.#services.get(service) ?? [];
    if (endpoints.length === 0) this.#services.delete(service);
    else this.#services.set(service, endpoints);
    const here = new Set(endpoints.map(({ replica }) => replica));
    const gone = before.filter(({ replica }) => !here.has(replica));
    for (const { replica } of gone) this.#avoidedUntilMs.delete(replica);
    return gone.map(({ replica, suspect }) => ({ replica, how: suspect ? "lost" : "withdrawn" }));
  }
}

/** More than any number of connections. */
const DOUBT = 1e9;
