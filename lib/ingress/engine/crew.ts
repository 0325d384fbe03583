/**
 * The threads of the ingress, as the controller's thread knows them: each is told of every service, their counts are
 * added up, and one that fails is replaced by another that is told everything anew.
 * @module
 */
import { deadline } from "@std/async";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import type { AgentAccess } from "../../wire/tunnel.ts";
import type { Certificates } from "../tls/certificates.ts";
import { freshCells } from "../seen/shared_buckets.ts";
import { type Batch, OTHER } from "../seen/traffic_metrics.ts";
import { TrafficTotals } from "../seen/traffic_totals.ts";
import { listen } from "./deno/listen.ts";
import type { Listening, TcpPortNews, Traffic } from "./engine.ts";
import type { FromWorker, Ports, ToWorker } from "./messages.ts";
import type { IngressSettings } from "./settings.ts";
import { TcpPortTroubles } from "./tcp_port_troubles.ts";
import { ToldServices } from "./told_services.ts";

export interface CrewOptions {
  /** The module that a worker runs. */
  module: string | URL;
  /** How many threads. */
  workers: number;
  ports: Ports;
  /** What TLS ports show. */
  certificates: Certificates;
  settings: IngressSettings;
  access: AgentAccess;
  clock: Clock;
  /** Told when a TCP route's port can't be had, and when it can after all. */
  onTcpPort?: (news: TcpPortNews) => void;
  /** Told what a thread has counted. */
  onCounted?: (batch: Batch) => void;
}

const READY_MS = 30_000;
/** Longer than an engine takes to end. */
const END_MS = 15_000;
/** Between the end of a worker that failed and the start of another one. */
const PAUSE_MS = 500;

const log = getLog("ingress");

/** Starts the threads. Rejects when they can't listen. */
export async function startCrew(options: CrewOptions): Promise<Crew> {
  const crew = new Crew(options);
  try {
    await crew.start();
    return crew;
  } catch (error) {
    await crew[Symbol.asyncDispose]();
    throw error;
  }
}

type Listens = Pick<Extract<FromWorker, { kind: "listening" }>, "addresses" | "tlsAddresses">;

function placeOf({ hostname: host, port }: Deno.NetAddr): Listening {
  return { host, port };
}

interface Member {
  number: number;
  worker: Worker;
  tell(message: ToWorker): void;
  /** Rejects when it fails first. */
  started: Promise<Listens>;
  ended: Promise<void>;
  leaving: Map<number, () => void>;
}

export class Crew implements AsyncDisposable {
  readonly #options: CrewOptions;
  readonly #totals = new TrafficTotals();
  readonly #services = new ToldServices((message) => this.#tell(message));
  readonly #members = new Set<Member>();
  readonly #troubles = new TcpPortTroubles();
  /** What the threads limit rates by together. */
  readonly #limitCells: SharedArrayBuffer | undefined;
  #ports: Ports;
  #certificates: Certificates;
  #numbers = 0;
  #asks = 0;
  #isEnding = false;
  addresses: readonly Deno.NetAddr[] = [];
  tlsAddresses: readonly Deno.NetAddr[] = [];

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#ports = options.ports;
    this.#certificates = options.certificates;
    this.#limitCells = options.workers > 1 ? freshCells() : undefined;
  }

  /** The first one finds out which ports there are; the others share them. */
  async start(): Promise<void> {
    const { workers, ports: { plain, tls } } = this.#options;
    // Threads share their ports; with another program they must not.
    for (const place of [...plain, ...tls]) listen(place, { isShared: false }).close();
    const { addresses, tlsAddresses } = await this.#enlist().started;
    this.addresses = addresses;
    this.tlsAddresses = tlsAddresses;
    this.#ports = { plain: addresses.map(placeOf), tls: tlsAddresses.map(placeOf) };
    const others = Array.from({ length: workers - 1 }, () => this.#enlist().started);
    await Promise.all(others);
  }

  set(service: string, traffic: Traffic): void {
    this.#services.set(service, traffic);
  }

  delete(service: string): void {
    this.#services.delete(service);
    this.#totals.keep((name) => this.#isKept(name));
  }

  /** TLS ports show these from now on. */
  reload(certificates: Certificates): void {
    this.#certificates = certificates;
    this.#tell({ kind: "certificates", certificates });
  }

  /** Agents are spoken to by what was given at the start, as it is now. */
  accessChanged(): void {
    this.#tell({ kind: "trust", caCerts: this.#options.access.caCerts });
  }

  /** Resolves once nothing is under way any more at a replica that is no endpoint. */
  async left(replica: string): Promise<void> {
    this.#services.flush();
    await Promise.all([...this.#members].map((member) => {
      const ask = this.#asks++;
      const { promise, resolve } = Promise.withResolvers<void>();
      member.leaving.set(ask, resolve);
      member.tell({ kind: "leave", ask, replica });
      return promise;
    }));
  }

  /** In the text format of Prometheus, each line ended. */
  metrics(): string {
    return this.#totals.text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    this.#services.stop();
    this.#tell({ kind: "end" });
    const ended = Promise.all([...this.#members].map((member) => member.ended));
    try {
      await deadline(ended, END_MS);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
      log.warn("Threads of the ingress did not end in time");
    }
    for (const { worker } of this.#members) worker.terminate();
  }

  #tell(message: ToWorker): void {
    for (const member of this.#members) member.tell(message);
  }

  #enlist(): Member {
    const { module, workers, settings, access: { caCerts }, clock } = this.#options;
    const number = this.#numbers++;
    const worker = new Worker(module, { type: "module", name: "ingress" });
    const started = Promise.withResolvers<Listens>();
    const ended = Promise.withResolvers<void>();
    const tell = (message: ToWorker) => worker.postMessage(message);
    const inTime = deadline(started.promise, READY_MS);
    const member: Member = { number, worker, tell, started: inTime, ended: ended.promise, leaving: new Map() };
    // Whoever waits for it sees that; a successor has nobody who waits.
    inTime.catch(() => {});
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === "ready") {
        const isShared = workers > 1;
        const [ports, certificates, services] = [this.#ports, this.#certificates, this.#services.all];
        const limits = this.#limitCells && { cells: this.#limitCells, nowMs: clock.now() };
        tell({ kind: "start", ports, isShared, settings, caCerts, certificates, services, limits });
      } else if (data.kind === "listening") {
        started.resolve(data);
      } else if (data.kind === "failed") {
        started.reject(new Error(data.reason));
      } else if (data.kind === "ended") {
        ended.resolve();
      } else this.#hear(member, data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      started.reject(new Error(event.message));
      ended.resolve();
      void this.#replace(member, event.message);
    };
    this.#members.add(member);
    return member;
  }

  #hear(
    { number, tell, leaving }: Member,
    message: Extract<FromWorker, { kind: "left" | "token_wanted" | "counted" | "tcp_port" }>,
  ): void {
    if (message.kind === "counted") {
      // What was under way when its service was deleted would come back for ever.
      const batch = message.batch.filter(({ labels: [name] }) => name === undefined || this.#isKept(name));
      this.#totals.add(number, batch);
      return this.#options.onCounted?.(batch);
    }
    if (message.kind === "tcp_port") return this.#tellOfPorts(this.#troubles.heard(number, message.news));
    const { ask } = message;
    if (message.kind === "left") {
      leaving.get(ask)?.();
      leaving.delete(ask);
      return;
    }
    void this.#tokenFor(message.nodeUrl).then((token) => tell({ kind: "token", ask, token }));
  }

  async #tokenFor(nodeUrl: string): Promise<string | undefined> {
    const { agentToken } = this.#options.access;
    return typeof agentToken === "function" ? await agentToken(nodeUrl) : agentToken;
  }

  /** Whether anything is counted for a service, or for what goes by that name. */
  #isKept(service: string): boolean {
    return this.#services.has(service) || service === this.#options.settings.defaultService || service === OTHER;
  }

  #tellOfPorts(all: readonly TcpPortNews[]): void {
    for (const news of all) this.#options.onTcpPort?.(news);
  }

  async #replace(member: Member, reason: string): Promise<void> {
    this.#members.delete(member);
    this.#totals.gone(member.number);
    this.#tellOfPorts(this.#troubles.gone(member.number));
    // Nothing goes through a thread that is gone.
    for (const left of member.leaving.values()) left();
    member.worker.terminate();
    if (this.#isEnding) return;
    log.error(`A thread of the ingress failed and is started anew: ${reason}`);
    await this.#options.clock.sleep(PAUSE_MS);
    if (!this.#isEnding) this.#enlist();
  }
}
