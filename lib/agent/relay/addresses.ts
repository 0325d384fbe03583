/**
 * The addresses of services on this host: for each service that replicas here are told of, a port on loopback where
 * connections are taken in and carried to a ready replica (`address_relay`). A port is the agent's promise to processes
 * that outlive it: it is on the disk before it is told, and taken again by the agent's successor.
 * @module
 */
import { addressedIn, addressVariable } from "../../cluster/address.ts";
import type { ServiceSpec } from "../../cluster/service.ts";
import { getLog } from "../../runtime/log.ts";
import { intBetween, type Random } from "../../runtime/random.ts";
import type { EndpointsPosition, EndpointsPush, Orders, Revocation } from "../../wire/protocol.ts";
import { AddressBook, NOTHING_KNOWN } from "./address_book.ts";
import { type KeptAddresses, readAddresses, writeAddresses } from "../address_file.ts";
import { AddressRelay, type AddressRelayOptions } from "./address_relay.ts";
import type { Memory } from "../session/effect.ts";
import { acceptAll } from "../http/http_server.ts";
import { LOOPBACK, type PortRange } from "../ports.ts";

const ADDRESSES_MAX = 512;
const PORT_TRIES_MAX = 100;
/** Between tries to take a port again that somebody else has. */
const RETRY_MS = 1_000;
/** Endpoints change often: they are kept a moment later, as only a restart without a controller needs them. */
const KEEP_AFTER_MS = 200;

const log = getLog("addresses");

export interface AddressesOptions extends Omit<AddressRelayOptions, "book"> {
  /** The agent's data folder. */
  path: string;
  /** What it follows: addresses that nobody here was told of are given up. */
  memory: Memory;
  ports: PortRange;
  random: Random;
  /** Told, whenever it may have changed, which nodes have been removed. */
  onRevoked?: (revoked: readonly Revocation[]) => void;
}

/** Takes up the addresses that the former agent gave. */
export async function openAddresses(options: AddressesOptions): Promise<Addresses> {
  const { path, memory } = options;
  const kept = await readAddresses(path);
  const needed = new Set([...kept.told, ...memory.replicas.flatMap(({ spec }) => addressedIn(spec))]);
  const ports = Object.fromEntries(Object.entries(kept.ports).filter(([service]) => needed.has(service)));
  const endpoints = kept.cluster === memory.cluster ? kept.endpoints : NOTHING_KNOWN;
  const addresses = new Addresses({ ...kept, ports, endpoints }, options);
  for (const [service, port] of Object.entries(ports)) addresses.listenAgain(service, port);
  options.onRevoked?.(endpoints.revoked);
  return addresses;
}

export class Addresses {
  readonly #options: AddressesOptions;
  readonly #book: AddressBook;
  readonly #relay: AddressRelay;
  readonly #ports: Map<string, number>;
  #cluster: string | null;
  #told: readonly string[];
  /** How many ports were ever taken, and how many of them are on the disk. */
  #taken = 0;
  #saved = 0;
  #lastSave: Promise<void> = Promise.resolve();
  #saveDue: ReturnType<typeof setTimeout> | undefined;

  constructor(kept: KeptAddresses, options: AddressesOptions) {
    this.#options = options;
    this.#book = new AddressBook(kept.endpoints);
    this.#relay = new AddressRelay({ ...options, book: this.#book });
    this.#ports = new Map(Object.entries(kept.ports));
    this.#cluster = kept.cluster;
    this.#told = kept.told;
    options.signal.addEventListener("abort", () => clearTimeout(this.#saveDue), { once: true });
  }

  /** How far the endpoints are known. */
  get position(): EndpointsPosition {
    return this.#book.position;
  }

  /** Connections under way. */
  get connections(): number {
    return this.#relay.connections;
  }

  /** The orders say which services all replicas are told of. */
  announced({ services }: Orders): void {
    this.#told = services;
  }

  /** The variables with the addresses that a replica is told, once all of them are there. */
  async variablesFor(spec: ServiceSpec): Promise<Record<string, string>> {
    for (const service of this.#namesFor(spec)) if (!this.#ports.has(service)) this.#listen(service);
    if (this.#saved < this.#taken) await this.#save();
    return this.knownVariablesFor(spec);
  }

  /** The same, of addresses that are there. */
  knownVariablesFor(spec: ServiceSpec): Record<string, string> {
    const variables: Record<string, string> = {};
    for (const service of this.#namesFor(spec)) {
      const port = this.#ports.get(service);
      if (port !== undefined) variables[addressVariable(service)] = `${LOOPBACK}:${port}`;
    }
    return variables;
  }

  /** Takes in where services are; false when that is older than what is known, or doesn't follow it. */
  take(push: EndpointsPush): boolean {
    const taken = this.#book.take(push);
    if (taken.kind === "refused") return false;
    this.#cluster = push.cluster;
    this.#relay.changed(taken.gone);
    this.#options.onRevoked?.(push.revoked);
    this.#saveDue ??= setTimeout(() => {
      this.#saveDue = undefined;
      this.#save().catch((error) => log.warn("Cannot keep where services are", { error }));
    }, KEEP_AFTER_MS);
    return true;
  }

  /** Listens at a port that was told to processes which may still run. */
  listenAgain(service: string, port: number): void {
    try {
      this.#accept(service, Deno.listen({ hostname: LOOPBACK, port }));
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      log.warn("The port of a service's address is in use: its replicas here can't reach it; tried again", {
        service,
        port,
      });
      const { clock, signal } = this.#options;
      clock.sleep(RETRY_MS, { signal }).then(() => this.listenAgain(service, port), (error) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  #namesFor(spec: ServiceSpec): Set<string> {
    return new Set([...this.#told, ...addressedIn(spec)]);
  }

  /** Outside the range that the system takes ports from: nobody has it by chance while no agent is there. */
  #listen(service: string): void {
    const { ports: { from, to }, random } = this.#options;
    if (this.#ports.size >= ADDRESSES_MAX) {
      throw new Error(`Cannot give service ${service} an address: there are ${ADDRESSES_MAX} on this host`);
    }
    for (let attempt = 0; attempt < PORT_TRIES_MAX; attempt++) {
      const port = intBetween(random, { min: from, max: to });
      try {
        this.#accept(service, Deno.listen({ hostname: LOOPBACK, port }));
      } catch (error) {
        if (!(error instanceof Deno.errors.AddrInUse)) throw error;
        continue;
      }
      this.#ports.set(service, port);
      this.#taken += 1;
      return;
    }
    throw new Error(`Cannot give service ${service} an address: no free port found from ${from} to ${to}`);
  }

  #accept(service: string, listener: Deno.Listener): void {
    const { signal } = this.#options;
    const onError = (error: unknown) => log.error("Cannot carry a connection to a service", { service, error });
    const admit = (client: Deno.Conn) => void this.#relay.serve(service, client).catch(onError);
    signal.addEventListener("abort", () => listener.close(), { once: true });
    acceptAll(listener, { admit, ended: () => signal.aborted, onError });
  }

  /** One write after the other, each with what is known by then. */
  #save(): Promise<void> {
    // A failure is told to whoever asked for that write.
    const saved = this.#lastSave.catch(() => undefined).then(async () => {
      const taken = this.#taken;
      const ports = Object.fromEntries(this.#ports);
      const kept = { cluster: this.#cluster, ports, told: [...this.#told], endpoints: this.#book.known };
      await writeAddresses(this.#options.path, kept);
      this.#saved = taken;
    });
    this.#lastSave = saved;
    return saved;
  }
}
