/**
 * One run of the simulator: a seed in, a verdict out. A script of faults and operators' writes is played for most of the
 * time; then all faults end, the cluster must converge within a bound, and must then have nothing left to do.
 * @module
 */
import { PLACING_USUAL, type PlacingRule } from "../../lib/cluster/balance.ts";
import { put } from "../../lib/cluster/record.ts";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { firstGeneration } from "../../lib/cluster/service_record.ts";
import { newNode } from "../../lib/controller/loop/node_record.ts";
import { seededRandom } from "../../lib/runtime/random.ts";
import type { Order } from "../../lib/wire/protocol.ts";
import { CAST, programOf } from "./cast.ts";
import { Controller } from "./controller.ts";
import { difference } from "./difference.ts";
import { calm, FAULTS } from "./faults.ts";
import { Host } from "./host.ts";
import { Judge } from "./judge.ts";
import { Ledger } from "./ledger.ts";
import { localHome } from "./local_store.ts";
import { Network } from "./network.ts";
import { ACTIONS, tidyUp } from "./operator.ts";
import { Patrol } from "./patrol.ts";
import { scriptOf, type Step, stepInWords, streamOf } from "./script.ts";
import { SharedStore } from "./shared_store.ts";
import { leaderOf, type Stage } from "./stage.ts";
import { Timeline } from "./timeline.ts";

/** The cluster must have converged this long after the last fault: the longest back-off, twice, and a few losses. */
const CONVERGE_MAX_MS = 240_000;
const QUIET_MS = 30_000;
/** The longest for which a node that was lost again and again gets nothing new, and as many moves as there can be. */
const EVEN_MAX_MS = 900_000;
const TRANSCRIPT_MAX = 400;
/** By then even two controllers that share a store have made out who leads. */
const FOUNDED_MS = 2_000;
const TIDY_MS = 10_000;

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
  script: readonly Step[];
}

export interface RunOptions {
  hours?: number;
  hosts?: number;
  /** The steps of the script that are played; all of them unless said otherwise. */
  only?: ReadonlySet<number> | undefined;
}

export function simulate(seed: number, { hours = 1, hosts = 5, only }: RunOptions = {}): Verdict {
  const lengthMs = hours * 3_600_000 - CONVERGE_MAX_MS - QUIET_MS;
  const script = scriptOf(seed, { lengthMs, hosts }).filter(({ number }) => only?.has(number) ?? true);
  return new Run(seed, hosts).play(script, lengthMs);
}

class Run {
  readonly #seed: number;
  readonly #timeline = new Timeline();
  readonly #judge = new Judge(() => this.#timeline.nowMs);
  readonly #stage: Stage;
  readonly #transcript: string[] = [];
  #digest = 0x811c9dc5;
  #faults = 0;
  #calm = false;

  constructor(seed: number, hostCount: number) {
    this.#seed = seed;
    const timeline = this.#timeline;
    const note = (text: string) => this.#note(text);
    const hosts = Array.from({ length: hostCount }, (_, at) => this.#newHost(`n${at + 1}`));
    const ledger: Ledger = new Ledger(streamOf(seed, "cluster").uuid(), (commit) => {
      note(`commit ${commit.revision}: ${commit.changes.length} changes`);
      this.#judge.committed(commit, ledger);
    });
    // Every other seed has two controllers that share a store.
    const shared = seed % 2 === 0 ? new SharedStore(ledger, { timeline, random: streamOf(seed, "store") }) : undefined;
    const hostsByName = new Map(hosts.map((host) => [host.name, host]));
    const controllers = (shared === undefined ? ["a"] : ["a", "b"]).map((name) => {
      const random = streamOf(seed, `controller ${name}`);
      return new Controller({
        name,
        timeline,
        random,
        network: new Network(timeline, streamOf(seed, `network ${name}`)),
        hosts: hostsByName,
        home: shared?.newSeat(random) ?? localHome(ledger, { timeline, random }),
        settings: { healthIntervalMs: 1_000, lostAfterMs: 3_000, placing: placingOf(seed) },
        planned: (changes, controller) => this.#judge.planned(changes, controller),
        published: (service, endpoints, controller) => this.#judge.published(service, endpoints, controller),
        happened: note,
        noted: note,
      });
    });
    this.#stage = {
      timeline,
      hosts,
      addresses: hostsByName,
      controllers,
      ledger,
      shared,
      judge: this.#judge,
      note,
      isCalm: () => this.#calm,
    };
  }

  play(script: readonly Step[], lengthMs: number): Verdict {
    const { timeline, hosts, controllers, ledger } = this.#stage;
    for (const host of hosts) host.startAgent();
    for (const controller of controllers) controller.start();
    timeline.runUntil(FOUNDED_MS);
    const chance = streamOf(this.#seed, "founding");
    const services = CAST.map((spec) => firstGeneration(ServiceSpec.parse(spec)));
    const nodes = hosts.map(({ url }) => newNode(chance.uuid(), url, undefined));
    const changes = [...services, ...nodes].map(put);
    leaderOf(this.#stage)?.write(changes);
    this.#judge.durability.acknowledged(changes);
    this.#heartbeats();
    new Patrol(this.#stage).begin();
    for (const step of script) timeline.after(step.atMs - timeline.nowMs, () => this.#take(step));
    timeline.runUntil(lengthMs);
    this.#calm = true;
    for (const { table } of hosts) for (const { program } of table.all) program.crashAfterMs = undefined;
    calm(this.#stage);
    const convergedMs = this.#converge();
    this.#evensOut();
    this.#staysQuiet();
    for (const words of this.#judge.durability.broken(ledger)) this.#judge.wrong(1, words);
    return {
      seed: this.#seed,
      violations: this.#judge.violations,
      convergedMs,
      steps: timeline.taken,
      commits: this.#judge.commits,
      faults: this.#faults,
      digest: (this.#digest >>> 0).toString(16).padStart(8, "0"),
      transcript: this.#transcript,
      script,
    };
  }

  #newHost(name: string): Host {
    const random = streamOf(this.#seed, name);
    return new Host(name, {
      timeline: this.#timeline,
      random,
      programOf: (order: Order) => programOf(order, { random, calm: this.#calm }),
      watcher: this.#judge,
    });
  }

  #take(step: Step): void {
    const host = this.#stage.hosts[step.host];
    const deed = FAULTS[step.deed] ?? ACTIONS[step.deed];
    if (host === undefined || deed === undefined) throw new Error(`Cannot play a step: ${stepInWords(step)}`);
    if (step.deed in FAULTS) this.#faults += 1;
    this.#note(`step ${stepInWords(step)}`);
    deed(this.#stage, { host, forMs: step.forMs, random: seededRandom(step.dice) });
  }

  #heartbeats(): void {
    for (const host of this.#stage.hosts) host.agent?.heartbeat();
    this.#timeline.after(1_000, () => this.#heartbeats());
  }

  #converge(): number {
    const { hosts, timeline } = this.#stage;
    const startMs = timeline.nowMs;
    const random = streamOf(this.#seed, "tidying");
    let tidyUntilMs = startMs + TIDY_MS;
    while (timeline.nowMs - startMs < CONVERGE_MAX_MS) {
      timeline.runUntil(timeline.nowMs + 500);
      for (const host of hosts) host.startAgent();
      // Who finds nobody who takes their word comes again.
      if (leaderOf(this.#stage)?.isWell !== true) tidyUntilMs = timeline.nowMs + TIDY_MS;
      // What was under way from the script may still come; an operator looks after that for a while.
      if (timeline.nowMs < tidyUntilMs) tidyUp(this.#stage, { random });
      else if (difference(this.#stage) === undefined) return timeline.nowMs - startMs;
    }
    this.#judge.wrong(8, `not converged after ${CONVERGE_MAX_MS} ms: ${difference(this.#stage)}`);
    return CONVERGE_MAX_MS;
  }

  /** What is moved for balance comes to an end. */
  #evensOut(): void {
    const { timeline } = this.#stage;
    const untilMs = timeline.nowMs + EVEN_MAX_MS;
    while (this.#judge.violations.length === 0) {
      const state = leaderOf(this.#stage)?.loop?.state;
      if (state?.placing.rebalanceAfterMs === undefined || state.balance.underfilled.size === 0) return;
      if (timeline.nowMs > untilMs) this.#judge.wrong(13, `moves for balance do not end within ${EVEN_MAX_MS} ms`);
      timeline.runUntil(timeline.nowMs + 2_000);
    }
  }

  #staysQuiet(): void {
    const { timeline } = this.#stage;
    if (this.#judge.violations.length > 0) return;
    // What was under way when the numbers first agreed may still be written down.
    timeline.runUntil(timeline.nowMs + QUIET_MS / 2);
    const before = this.#judge.decisions;
    timeline.runUntil(timeline.nowMs + QUIET_MS);
    const planned = this.#judge.decisions - before;
    if (planned > 0) this.#judge.wrong(7, `a converged cluster wrote ${planned} times`);
    const left = difference(this.#stage);
    if (left !== undefined) this.#judge.wrong(8, `it did not stay converged: ${left}`);
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

/** In some runs what was where it is for a while is moved for balance. */
function placingOf(seed: number): PlacingRule {
  const [isMoved, soon] = [streamOf(seed, "placing").next() < 0.4, streamOf(seed, "moving").next() < 0.5];
  return { ...PLACING_USUAL, rebalanceAfterMs: isMoved ? (soon ? 5_000 : 60_000) : undefined };
}
