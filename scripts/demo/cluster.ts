/**
 * The cluster that the demo plays with: one controller and agents by name, each a process with a folder of its own, and
 * the short routes as one would type them. Whatever is started here is ended by `end`, which says what it still found.
 * @module
 */
import { join } from "node:path";
import { endReplicas, type LocalProgram, prepareSources, replicaPids, startProgram, until } from "../local_program.ts";
import type { Status, StatusReplica } from "../../lib/wire/api.ts";

const WITHIN_MS = 15_000;
const WATCH_MS = 40;
const LOG_LINES = 12;

/** A replica with the name of its node. */
export type SeenReplica = StatusReplica & { nodeName: string };

export class Cluster {
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #agents = new Map<string, LocalProgram>();
  readonly #started: { name: string; program: LocalProgram }[] = [];
  #controller: LocalProgram | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  /** How many replicas were ready when last looked at. */
  ready = 0;

  constructor(folder: string, { signal }: { signal: AbortSignal }) {
    this.#folder = folder;
    this.#signal = signal;
  }

  get controller(): LocalProgram {
    if (this.#controller === undefined) throw new TypeError("unreachable: no step runs before the controller");
    return this.#controller;
  }

  agent(name: string): LocalProgram {
    const agent = this.#agents.get(name);
    if (agent === undefined) throw new TypeError(`unreachable: there is no agent ${name} in the story`);
    return agent;
  }

  /** Makes the start of the programs independent of how fast packages come; a no-op but for the first time. */
  async prepare(): Promise<void> {
    await prepareSources({ signal: this.#signal });
  }

  async startController(): Promise<LocalProgram> {
    this.#controller = await this.#start("controller", { name: "controller" });
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    return this.#controller;
  }

  async startAgent(name: string): Promise<LocalProgram> {
    const agent = await this.#start("agent", { name });
    this.#agents.set(name, agent);
    return agent;
  }

  /** Starts an agent with its former data folder, at its former address unless somebody has taken the port. */
  async startAgentAgain(name: string): Promise<LocalProgram> {
    const port = Number(new URL(this.agent(name).url).port);
    try {
      this.#agents.set(name, await this.#start("agent", { name, port }));
    } catch (error) {
      if (!(error instanceof Error && /in use|AddrInUse/.test(error.message))) throw error;
      // An agent that registers itself may come back anywhere.
      this.#agents.set(name, await this.#start("agent", { name, args: ["--controller", this.controller.url] }));
    }
    return this.agent(name);
  }

  /** Stops an agent as Ctrl-C does; on Windows, where no program can send that, it is killed and takes its replicas along. */
  async stopAgent(name: string): Promise<void> {
    await this.agent(name).stop(Deno.build.os === "windows" ? "SIGKILL" : "SIGINT");
  }

  async status(): Promise<Status> {
    return await this.#ask("/status", {});
  }

  /** The replicas of the default service, by slot. */
  async replicas(): Promise<SeenReplica[]> {
    const { services, nodes } = await this.status();
    const names = new Map(nodes.map(({ id, name }) => [id, name]));
    return (services[0]?.replicas ?? []).map((replica) => ({ ...replica, nodeName: names.get(replica.node) ?? "" }));
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return await this.#ask(path, { method: "POST", body: JSON.stringify(body) });
  }

  /** Waits until exactly so many replicas are there, all of them ready. */
  async untilReady(count: number): Promise<SeenReplica[]> {
    return await this.until(`${count} ready replicas`, async () => {
      const replicas = await this.replicas();
      return replicas.length === count && replicas.every(({ ready }) => ready) && replicas;
    });
  }

  async until<T>(what: string, check: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
    return await until(check, { withinMs: WITHIN_MS, what, signal: this.#signal });
  }

  /** What the programs logged last. */
  logTails(): { name: string; lines: string[] }[] {
    return this.#started.map(({ name, program }) => ({
      name,
      lines: program.log().trimEnd().split("\n").slice(-LOG_LINES),
    }));
  }

  /** Ends everything. Gives the replicas that were still there when their agents were gone: none, if all is well. */
  async end(): Promise<number[]> {
    clearInterval(this.#watch);
    // Without a controller the agents just stop what they run; with one they would wait for it to move their replicas.
    await this.#controller?.stop();
    const programs = this.#started.splice(0).map(({ program }) => program);
    await Promise.all(programs.map((program) => program.stop()));
    const folders = new Set(programs.filter(({ name }) => name === "agent").map(({ data }) => data));
    const left = (await Promise.all([...folders].map(replicaPids))).flat();
    await Promise.all([...folders].map(endReplicas));
    await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
    return left;
  }

  async #start(
    program: "controller" | "agent",
    { name, port, args = [] }: { name: string; port?: number; args?: string[] },
  ): Promise<LocalProgram> {
    const data = join(this.#folder, name);
    const given = program === "agent" ? ["--name", name, ...args] : args;
    const options = { data, args: given, signal: this.#signal, ...(port === undefined ? {} : { port }) };
    const started = await startProgram(program, options);
    this.#started.push({ name, program: started });
    return started;
  }

  async #ask<T>(path: string, init: RequestInit): Promise<T> {
    const response = await fetch(`${this.controller.url}${path}`, { ...init, signal: this.#signal });
    const text = await response.text();
    if (!response.ok) throw new Error(`${init.method ?? "GET"} ${path} was answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  async #look(): Promise<void> {
    try {
      this.ready = (await this.replicas()).filter(({ ready }) => ready).length;
    } catch (error) {
      // The story notices a controller that is gone, and so does the client; the demo's end may cut this off.
      if (!(error instanceof Error)) throw error;
    }
  }
}
