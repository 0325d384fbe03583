/**
 * A secure cluster as processes, for the proofs of docs/security.md: a controller with `--secure`, agents that have joined
 * it with join tokens, and what an attacker and an operator ask of them over TLS. Disposing of it leaves nothing.
 * @module
 */
import { assertEquals, equal } from "@std/assert";
import { delay } from "@std/async";
import { join } from "node:path";
import { type Papers, readPapers } from "../../lib/agent/identity/papers_file.ts";
import { Status } from "../../lib/wire/api.ts";
import { JoinTokenCreated } from "../../lib/wire/join.ts";
import { endReplicas, type LocalProgram, type StartOptions, startProgram, until } from "../../scripts/local_program.ts";
import { identities, type Place, replicasIn } from "../support/cluster.ts";

const ANSWER_MS = 10_000;
const READY_MS = 20_000;
const REST_MS = 250;

export interface Asked {
  method?: string;
  body?: unknown;
  /** What is shown as `Bearer`. */
  token?: string;
  headers?: Readonly<Record<string, string>>;
  /** The address of this machine that the request comes from. */
  from?: string;
}

export interface Answer {
  status: number;
  text: string;
}

export interface SecureOptions {
  /** How many agents, or where each runs. */
  agents: number | readonly Place[];
  controller?: Place;
}

export class SecureCluster implements AsyncDisposable {
  readonly #owned = new AsyncDisposableStack();
  readonly #programs: LocalProgram[] = [];
  readonly #agents: LocalProgram[] = [];
  #controller: LocalProgram | undefined;
  #folder = "";
  /** The authority's certificate. */
  caCerts: string[] = [];
  adminToken = "";

  get controller(): LocalProgram {
    if (this.#controller === undefined) throw new TypeError("The cluster was not started");
    return this.#controller;
  }

  /** Those that have joined. */
  get agents(): readonly LocalProgram[] {
    return this.#agents;
  }

  async start({ agents, controller = {} }: SecureOptions): Promise<void> {
    this.#folder = await Deno.makeTempDir({ prefix: "muster-secure-" });
    this.#owned.defer(() => Deno.remove(this.#folder, { recursive: true }));
    const args = ["--secure", ...controller.args ?? []];
    this.#controller = await this.begin("controller", { ...controller, args, tls: true });
    const { data } = this.#controller;
    this.caCerts = [await Deno.readTextFile(`${data}/authority/authority.pem`)];
    this.adminToken = (await Deno.readTextFile(`${data}/admin.token`)).trim();
    const places = typeof agents === "number" ? Array.from({ length: agents }, () => ({})) : agents;
    for (const place of places) await this.join(place);
  }

  /** Starts a program that ends with the cluster. */
  async begin(name: "controller" | "agent", options: StartOptions): Promise<LocalProgram> {
    const data = options.data ?? await Deno.makeTempDir({ dir: this.#folder, prefix: `${name}-` });
    const program = await startProgram(name, { ...options, data });
    this.#programs.push(program);
    return program;
  }

  /** A new join token, in the file that an agent takes it from. */
  async invitation(wanted: { ttl?: string } = {}): Promise<{ path: string; token: string }> {
    const { status, text } = await this.ask("/v1/join-tokens", { ...this.asAdmin("POST"), body: wanted });
    assertEquals(status, 201, text);
    const { token } = JoinTokenCreated.parse(JSON.parse(text));
    const path = await Deno.makeTempFile({ dir: this.#folder, prefix: "join-" });
    await Deno.writeTextFile(path, token);
    return { path, token };
  }

  /** Starts an agent that joins, and waits until the controller counts on it. */
  async join(place: Place = {}): Promise<LocalProgram> {
    const { path } = await this.invitation();
    const agent = await this.begin("agent", this.joining(path, place));
    this.#agents.push(agent);
    await this.until(
      `${agent.url} to be ready`,
      ({ nodes }) => nodes.some(({ url, status }) => url === agent.url && status === "ready"),
    );
    return agent;
  }

  /** How an agent is started that joins here, or at another URL. */
  joining(tokenPath: string, { args = [], ...place }: Place = {}, controller = this.controller.url): StartOptions {
    return { ...place, args: ["--controller", controller, "--join-token-file", tokenPath, ...args], tls: true };
  }

  asAdmin(method = "GET"): Asked {
    return { method, token: this.adminToken };
  }

  /** Asks the controller. */
  ask(path: string, asked: Asked = {}): Promise<Answer> {
    return this.askAt(this.controller, path, asked);
  }

  /** Asks a program of the cluster. */
  async askAt({ url }: { url: string }, path: string, asked: Asked = {}): Promise<Answer> {
    using client = this.client(asked.from);
    const response = await fetch(`${url}${path}`, { ...requestOf(asked), client });
    return { status: response.status, text: await response.text() };
  }

  /** Believes the cluster's authority. */
  client(from?: string): Deno.HttpClient {
    return Deno.createHttpClient({
      caCerts: this.caCerts,
      http2: false,
      allowHost: true,
      ...(from !== undefined && { localAddress: from }),
    });
  }

  async scale(replicas: number): Promise<void> {
    const { status, text } = await this.ask("/scale", { ...this.asAdmin("POST"), body: { replicas } });
    assertEquals(status, 202, text);
    await this.until(`${replicas} replicas to be ready`, (status) => {
      const found = replicasIn(status);
      return found.length === replicas && found.every(({ ready }) => ready);
    });
  }

  async status(): Promise<Status> {
    return Status.parse(JSON.parse((await this.ask("/status", this.asAdmin())).text));
  }

  /** Waits until the status is as wanted. */
  async until(what: string, check: (status: Status) => boolean): Promise<void> {
    let seen: Status | undefined;
    await until(async () => check(seen = await this.status()), {
      withinMs: READY_MS,
      what: () => `${what}; last seen: ${JSON.stringify(seen)}; the log:\n${this.controller.log()}`,
    });
  }

  /** The node that an agent is. */
  async nodeOf({ url }: LocalProgram): Promise<string> {
    return (await this.status()).nodes.find((node) => node.url === url)!.id;
  }

  /** All that a request which is refused has to leave as it was. */
  async standing(): Promise<unknown> {
    const { cluster, services, nodes } = await this.status();
    const tokens = await this.ask("/v1/tokens", this.asAdmin());
    return {
      revision: cluster.revision,
      services: services.map(({ name, desired, replicas }) => [name, desired, identities(replicas)]),
      nodes: nodes.map(({ id, name, url, status }) => [id, name, url, status]),
      tokens: JSON.parse(tokens.text).items.map(({ id, name }: { id: string; name: string }) => [id, name]),
    };
  }

  /** Kills everything: nobody is to wait for anybody at the end of a test. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop("SIGKILL")));
    for (const { name, data } of this.#programs) if (name === "agent") await endReplicas(data);
    for (const program of this.#programs) await program[Symbol.asyncDispose]();
    await this.#owned.disposeAsync();
  }
}

/** Starts a controller with an identity, and agents that join it. */
export async function startSecureCluster(options: SecureOptions): Promise<SecureCluster> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(new SecureCluster());
  await cluster.start(options);
  stack.move();
  return cluster;
}

/** What an agent proves itself by: whoever steals it has this. */
export async function papersOf({ data }: LocalProgram): Promise<Papers> {
  const papers = await readPapers(data);
  if (papers === undefined) throw new Error(`The agent in ${join(data)} has no papers`);
  return papers;
}

/** Steps in which everything is refused: each has to leave the cluster as it was. */
export function refusals(
  t: Deno.TestContext,
  cluster: SecureCluster,
): (name: string, body: () => Promise<void>) => Promise<boolean> {
  return (name, body) =>
    t.step(name, async () => {
      const before = await standingAtRest(cluster);
      await body();
      assertEquals(await cluster.standing(), before, "nothing has changed");
    });
}

/** What agents say of themselves is written a moment after they are ready, and is not the step's doing. */
async function standingAtRest(cluster: SecureCluster): Promise<unknown> {
  let last = await cluster.standing();
  await until(async () => {
    await delay(REST_MS);
    const former = last;
    last = await cluster.standing();
    return equal(last, former);
  }, { withinMs: READY_MS, what: "the cluster to come to rest" });
  return last;
}

function requestOf({ method = "GET", body, token, headers = {} }: Asked): RequestInit {
  return {
    method,
    redirect: "manual",
    signal: AbortSignal.timeout(ANSWER_MS),
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  };
}
