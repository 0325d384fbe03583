/**
 * One run of the simulator: a seed in, a verdict out. Faults strike and operators write for most of the time; then all
 * faults end, the cluster must converge within a bound, and must then have nothing left to do.
 * @module
 */
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { defaultService, nextGeneration, type ServiceRecord } from "../../lib/cluster/service_record.ts";
import { type Change, put } from "../../lib/cluster/record.ts";
import { newNode } from "../../lib/controller/node_record.ts";
import { intBetween, seededRandom } from "../../lib/runtime/random.ts";
import type { Order } from "../../lib/wire/protocol.ts";
import { Controller } from "./controller.ts";
import { calm, type Stage, strike } from "./faults.ts";
import { Host } from "./host.ts";
import { Judge } from "./judge.ts";
import { Network } from "./network.ts";
import type { Program } from "./process.ts";
import { Timeline } from "./timeline.ts";

/** The cluster must have converged this long after the last fault: the longest back-off, twice, and a few losses. */
const CONVERGE_MAX_MS = 240_000;
const QUIET_MS = 30_000;
const TRANSCRIPT_MAX = 400;

export interface Verdict {
  seed: number;
  violations: string[];
  /** How long the cluster took to converge after the last fault. */
  convergedMs: number;
  steps: number;
  commits: number;
  faults: number;
  /** A digest of all that happened: equal for equal seeds. */
  digest: string;
  /** The last lines of what happened. */
  transcript: string[];
}

export function simulate(seed: number, { hours = 1, hosts: hostCount = 5 } = {}): Verdict {
  const run = new Run(seed, hostCount);
  return run.play(hours * 3_600_000);
}

class Run {
  readonly #seed: number;
  readonly #timeline = new Timeline();
  readonly #judge = new Judge();
  readonly #stage: Stage;
  readonly #transcript: string[] = [];
  #digest = 0x811c9dc5;
  #faults = 0;
  #calm = false;

  constructor(seed: number, hostCount: number) {
    this.#seed = seed;
    const random = seededRandom(seed);
    const timeline = this.#timeline;
    const network = new Network(timeline, random);
    const programOf = (order: Order) => this.#programOf(order);
    const hosts = Array.from(
      { length: hostCount },
      (_, at) => new Host(`n${at + 1}`, { timeline, random, programOf, watcher: this.#judge }),
    );
    const controller: Controller = new Controller({
      timeline,
      random,
      network,
      hosts: new Map(hosts.map((host) => [host.name, host])),
      settings: { healthIntervalMs: 1_000, lostAfterMs: 3_000 },
      planned: (changes) => this.#judge.planned(changes, { controller, nowMs: timeline.nowMs }),
      committed: (commit) => {
        this.#note(`commit ${commit.revision}: ${commit.changes.length} changes`);
        this.#judge.committed(commit, controller);
      },
      happened: (text) => this.#note(text),
    });
    this.#stage = { timeline, random, network, hosts, controller, note: (text) => this.#note(text) };
  }

  play(lengthMs: number): Verdict {
    const { timeline, hosts, controller } = this.#stage;
    for (const host of hosts) host.startAgent();
    controller.start();
    this.#found();
    this.#heartbeats();
    this.#nextFault();
    this.#nextWrite();
    timeline.runUntil(lengthMs - CONVERGE_MAX_MS - QUIET_MS);
    this.#calm = true;
    for (const host of hosts) for (const process of host.processes.values()) process.program.crashAfterMs = undefined;
    calm(this.#stage);
    const convergedMs = this.#converge();
    this.#staysQuiet();
    this.#judge.durable(controller);
    return {
      seed: this.#seed,
      violations: this.#judge.violations,
      convergedMs,
      steps: timeline.taken,
      commits: this.#judge.commits,
      faults: this.#faults,
      digest: (this.#digest >>> 0).toString(16).padStart(8, "0"),
      transcript: this.#transcript,
    };
  }

  /** The services and nodes that a run begins with. */
  #found(): void {
    const { controller, hosts, random } = this.#stage;
    const changes: Change[] = [put({ ...defaultService(), desired: 4 })];
    this.#judge.acknowledged("payload", 4);
    for (const name of ["slow", "crashy", "stubborn"]) {
      const health = { http: "/", interval: "10s", start_period: "60s" };
      const spec = ServiceSpec.parse({ name, command: [name], replicas: 2, health, stop: { timeout: "5s" } });
      const record: ServiceRecord = { ...defaultService(), name, spec, desired: 2 };
      changes.push(put(record));
      this.#judge.acknowledged(name, 2);
    }
    const spec = ServiceSpec.parse({ name: "keeper", command: ["keeper"], replicas: 2, data: { per_slot: true } });
    changes.push(put({ ...defaultService(), name: "keeper", spec, desired: 2 }));
    this.#judge.acknowledged("keeper", 2);
    for (const host of hosts) changes.push(put(newNode(random.uuid(), host.url, undefined)));
    controller.write(changes);
  }

  #programOf(order: Order): Program {
    const { random } = this.#stage;
    const { service } = order.assignment;
    const crashes = service === "crashy" && !this.#calm && random.next() < 0.7;
    return {
      readyAfterMs: service === "slow" ? 8_000 : 50,
      crashAfterMs: crashes ? intBetween(random, { min: 10, max: 20_000 }) : undefined,
      endsAfterMs: service === "stubborn" ? undefined : 100,
    };
  }

  #heartbeats(): void {
    for (const host of this.#stage.hosts) host.heartbeat();
    this.#timeline.after(1_000, () => this.#heartbeats());
  }

  #nextFault(): void {
    const pauseMs = Math.round(10 ** (3 + this.#stage.random.next() * 2.2));
    this.#timeline.after(pauseMs, () => {
      if (this.#calm) return;
      this.#faults += 1;
      strike(this.#stage);
      this.#nextFault();
    });
  }

  #nextWrite(): void {
    this.#timeline.after(intBetween(this.#stage.random, { min: 2_000, max: 120_000 }), () => {
      if (this.#calm) return;
      this.#write();
      this.#nextWrite();
    });
  }

  #write(): void {
    const { controller, random } = this.#stage;
    const records = [...controller.disk.records.values()].map(({ record }) => record);
    const services = records.filter((record) => record.type === "service");
    const nodes = records.filter((record) => record.type === "node");
    const service = services[intBetween(random, { min: 0, max: services.length - 1 })]!;
    const node = nodes[intBetween(random, { min: 0, max: nodes.length - 1 })];
    const dice = random.next();
    if (dice < 0.2) {
      const desired = service.desired;
      controller.write([put({ ...nextGeneration(service, service.spec), desired })]);
      this.#note(`operator: ${service.name} gets a new generation`);
    } else if (dice < 0.35 && node !== undefined) {
      controller.write([put({ ...node, draining: !node.draining })]);
      this.#note(`operator: ${node.name} draining ${!node.draining}`);
    } else {
      const desired = intBetween(random, { min: 0, max: 8 });
      this.#note(`operator: ${service.name} to ${desired}`);
      if (controller.write([put({ ...service, desired })])) this.#judge.acknowledged(service.name, desired);
    }
  }

  #converge(): number {
    const { controller, hosts, timeline } = this.#stage;
    // Nodes that an operator left draining come back, or nothing could be placed in the end.
    for (const { record } of [...controller.disk.records.values()]) {
      if (record.type === "node" && record.draining) controller.write([put({ ...record, draining: false })]);
    }
    const startMs = timeline.nowMs;
    while (timeline.nowMs - startMs < CONVERGE_MAX_MS) {
      timeline.runUntil(timeline.nowMs + 500);
      for (const host of hosts) if (host.agent === undefined) host.startAgent();
      if (this.#judge.difference(controller, hosts) === undefined) return timeline.nowMs - startMs;
    }
    this.#judge.violations.push(
      `invariant 8: not converged after ${CONVERGE_MAX_MS} ms: ${this.#judge.difference(controller, hosts)}`,
    );
    return CONVERGE_MAX_MS;
  }

  #staysQuiet(): void {
    const { controller, hosts, timeline } = this.#stage;
    if (this.#judge.violations.length > 0) return;
    // What was under way when the numbers first agreed may still be written down.
    timeline.runUntil(timeline.nowMs + QUIET_MS / 2);
    const before = this.#judge.decisions;
    timeline.runUntil(timeline.nowMs + QUIET_MS);
    const planned = this.#judge.decisions - before;
    if (planned > 0) this.#judge.violations.push(`invariant 7: a converged cluster wrote ${planned} times`);
    const difference = this.#judge.difference(controller, hosts);
    if (difference !== undefined) this.#judge.violations.push(`invariant 8: it did not stay converged: ${difference}`);
  }

  #note(text: string): void {
    const line = `${(this.#timeline.nowMs / 1_000).toFixed(3)} ${text}`;
    for (let at = 0; at < line.length; at++) {
      this.#digest = Math.imul(this.#digest ^ line.charCodeAt(at), 0x01000193);
    }
    this.#transcript.push(line);
    if (this.#transcript.length > TRANSCRIPT_MAX) this.#transcript.shift();
  }
}
