/**
 * A whole cluster as processes, for tests: a controller, agents that it was told of, and what one asks of them over HTTP.
 * Any of them may be killed and started again where it was. Disposing of it leaves no process and no folder.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { z } from "zod";
import { EventList, type PutService, ServiceView, Status } from "../../lib/wire/api.ts";
import { endReplicas, type LocalProgram, type StartOptions, startProgram, until } from "../../scripts/local_program.ts";

type StatusReplica = Status["services"][number]["replicas"][number];

/** Where a program runs: what is put before its command, and its flags. */
export type Place = Pick<StartOptions, "prefix" | "args">;

export interface ClusterOptions {
  /** How many agents, or where each runs. */
  agents: number | readonly Place[];
  controller?: Place;
  /** What the programs' flags ask for, where they do. */
  token?: string;
}

interface Wait<T> {
  what: string;
  check: (status: Status) => T | undefined | false;
  withinMs?: number;
}

interface ServiceWait {
  what: string;
  check: (service: ServiceView) => boolean | Promise<boolean>;
  withinMs?: number;
}

const ANSWER_MS = 10_000;
const READY_MS = 20_000;

export class Cluster implements AsyncDisposable {
  readonly #controllerPlace: Place;
  readonly #agentPlaces: readonly Place[];
  readonly #headers: Readonly<Record<string, string>>;
  readonly #folders = new AsyncDisposableStack();
  readonly #started = new Set<LocalProgram>();
  readonly #agents: LocalProgram[] = [];
  #controller: LocalProgram | undefined;

  constructor({ agents, controller = {}, token }: ClusterOptions) {
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#controllerPlace = controller;
    this.#agentPlaces = typeof agents === "number" ? Array.from({ length: agents }, () => ({})) : agents;
  }

  get controller(): LocalProgram {
    if (this.#controller === undefined) throw new TypeError("The cluster was not started");
    return this.#controller;
  }

  get agents(): readonly LocalProgram[] {
    return this.#agents;
  }

  async start(): Promise<void> {
    this.#controller = await this.#begin("controller", this.#controllerPlace);
    const starting = this.#agentPlaces.map((place) => this.#begin("agent", place));
    // When one can't start, the others are known by then, and ended with all else.
    await Promise.allSettled(starting);
    this.#agents.push(...await Promise.all(starting));
    for (const { url } of this.#agents) await this.addNode(url);
  }

  /** Starts the controller again, with its data folder and at its port; the former one has ended or is killed. */
  async restartController(options: StartOptions = {}): Promise<LocalProgram> {
    this.#controller = await this.#again(this.controller, { ...this.#controllerPlace, ...options });
    return this.#controller;
  }

  async restartAgent(at: number): Promise<LocalProgram> {
    const agent = await this.#again(this.#agents[at]!, this.#agentPlaces[at]!);
    this.#agents[at] = agent;
    return agent;
  }

  /** One more agent, which joins while the cluster runs. */
  async join(place: Place = {}): Promise<LocalProgram> {
    const agent = await this.#begin("agent", place);
    this.#agents.push(agent);
    await this.addNode(agent.url);
    return agent;
  }

  async addNode(url: string): Promise<void> {
    const { status, body } = await this.post("/add-node", { url });
    assertEquals([200, 201].includes(status), true, `POST /add-node gave ${status}: ${body}`);
  }

  async scale(replicas: number, service = "payload"): Promise<void> {
    const { status, body } = await this.post("/scale", { replicas, service });
    assertEquals(status, 202, `POST /scale gave ${status}: ${body}`);
  }

  async putService(name: string, spec: z.input<typeof PutService>): Promise<void> {
    const { status, body } = await this.#send("PUT", `/v1/services/${name}`, spec);
    assertEquals([200, 201].includes(status), true, `PUT gave ${status}: ${body}`);
  }

  post(path: string, body: unknown): Promise<{ status: number; body: string }> {
    return this.#send("POST", path, body);
  }

  async status(): Promise<Status> {
    const response = await fetch(`${this.controller.url}/status`, this.#asking());
    return Status.parse(await response.json());
  }

  /** What has happened, in words, oldest first. */
  async events(): Promise<string[]> {
    const url = `${this.controller.url}/v1/events?after=0`;
    const response = await fetch(url, this.#asking());
    return EventList.parse(await response.json()).events.map(({ kind, text }) => `${kind}: ${text}`);
  }

  /** Waits until the status gives something. A controller that is away for the moment is asked again. */
  async until<T>({ what, check, withinMs = READY_MS }: Wait<T>): Promise<T> {
    let seen: Status | undefined;
    return await until(async () => {
      try {
        seen = await this.status();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        return undefined;
      }
      return check(seen);
    }, { withinMs, what: () => `${what}; last seen: ${JSON.stringify(seen)}; the log:\n${this.controller.log()}` });
  }

  async service(name: string): Promise<ServiceView> {
    const response = await fetch(`${this.controller.url}/v1/services/${name}`, this.#asking());
    return ServiceView.parse(await response.json());
  }

  /** Waits until what the API shows of a service is as wanted, and gives it. */
  async untilService(name: string, { what, check, withinMs = READY_MS }: ServiceWait): Promise<ServiceView> {
    let seen: ServiceView | undefined;
    return await until(async () => {
      seen = await this.service(name);
      return await check(seen) && seen;
    }, { withinMs, what: () => `${what}; last seen: ${JSON.stringify(seen)}; the log:\n${this.controller.log()}` });
  }

  /** Waits until exactly so many replicas are there and all are ready. */
  ready(replicas: number, { service = "payload", withinMs = READY_MS } = {}): Promise<StatusReplica[]> {
    return this.until({
      what: `${replicas} of ${service} to be ready`,
      withinMs,
      check: (status) => {
        const found = replicasIn(status, service);
        return found.length === replicas && found.every(({ ready }) => ready) && found;
      },
    });
  }

  /** Kills everything: nobody is to wait for anybody at the end of a test. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#started].map((program) => program.stop("SIGKILL")));
    for (const { data } of this.#agents) await endReplicas(data);
    for (const program of this.#started) await program[Symbol.asyncDispose]();
    await this.#folders.disposeAsync();
  }

  async #begin(name: "controller" | "agent", place: Place): Promise<LocalProgram> {
    const data = await Deno.makeTempDir({ prefix: `muster-cluster-${name}-` });
    this.#folders.defer(() => Deno.remove(data, { recursive: true }));
    return await this.#own(startProgram(name, { ...place, data }));
  }

  async #again(former: LocalProgram, options: StartOptions): Promise<LocalProgram> {
    // It is disposed of with all others: at an agent's end its replicas would end, too.
    await former.stop("SIGKILL");
    const { name, data, url } = former;
    return await this.#own(startProgram(name, { port: Number(new URL(url).port), ...options, data }));
  }

  async #own(starting: Promise<LocalProgram>): Promise<LocalProgram> {
    const program = await starting;
    this.#started.add(program);
    return program;
  }

  #asking(): RequestInit {
    return { headers: this.#headers, signal: AbortSignal.timeout(ANSWER_MS) };
  }

  async #send(method: string, path: string, body: unknown): Promise<{ status: number; body: string }> {
    const response = await fetch(`${this.controller.url}${path}`, {
      ...this.#asking(),
      method,
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.text() };
  }
}

/** Starts a cluster whose agents are all known to its controller. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(new Cluster(options));
  await cluster.start();
  stack.move();
  return cluster;
}

export function replicasIn(status: Status, service = "payload"): StatusReplica[] {
  return status.services.find(({ name }) => name === service)?.replicas ?? [];
}

/** What tells that nothing was restarted or moved: each slot's replica, process and restarts. */
export function identities(replicas: readonly StatusReplica[]): (string | number | null)[][] {
  return replicas.toSorted((a, b) => a.slot - b.slot).map(({ id, slot, pid, restarts }) => [slot, id, pid, restarts]);
}
