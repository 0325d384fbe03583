/**
 * Short stories with a known end: the real loop and sessions over the virtual world, one fault each, and what people are
 * told about it, word for word. A change of behaviour shows here as a change of the text.
 * @module
 */
import { assertEquals } from "@std/assert";
import { put } from "../../lib/cluster/record.ts";
import { nextGeneration } from "../../lib/cluster/service_record.ts";
import { newNode } from "../../lib/controller/loop/node_record.ts";
import { seededRandom } from "../../lib/runtime/random.ts";
import { service, specNamed } from "../support/builders.ts";
import { Controller } from "./controller.ts";
import { Host } from "./host.ts";
import { Ledger } from "./ledger.ts";
import { localHome } from "./local_store.ts";
import { Network } from "./network.ts";
import { Timeline } from "./timeline.ts";

const NOTHING = () => {};

/** Three hosts with a service of two replicas that is up, and everything that is told from then on. */
class Scene {
  readonly timeline = new Timeline();
  readonly network: Network;
  readonly hosts: Host[];
  readonly controller: Controller;
  readonly #told: string[] = [];
  /** Replicas crash so often from now on. */
  crashing = false;

  constructor() {
    const random = seededRandom(1);
    const { timeline } = this;
    this.network = new Network(timeline, random);
    const programOf = () => ({ readyAfterMs: 50, crashAfterMs: this.crashing ? 10 : undefined, endsAfterMs: 100 });
    const [spawned, followed, answered, decided, signalled, adopted, begun] = Array(7).fill(NOTHING);
    const watcher = { spawned, followed, answered, decided, signalled, adopted, begun };
    this.hosts = ["n1", "n2", "n3"].map((name) => new Host(name, { timeline, random, programOf, watcher }));
    const home = localHome(new Ledger(random.uuid(), NOTHING), { timeline, random });
    this.controller = new Controller({
      name: "a",
      home,
      timeline,
      random,
      network: this.network,
      hosts: new Map(this.hosts.map((host) => [host.name, host])),
      settings: { healthIntervalMs: 1_000, lostAfterMs: 3_000 },
      planned: NOTHING,
      published: NOTHING,
      noted: NOTHING,
      happened: (text) => this.#told.push(text),
    });
    for (const host of this.hosts) host.startAgent();
    this.controller.start();
    this.controller.write(this.hosts.map((host) => put(newNode(random.uuid(), host.url, undefined))));
    this.#beat();
    this.after(2_000);
    this.controller.write([put(service("web", 2))]);
    this.after(5_000);
    this.#told.length = 0;
  }

  host(name: string): Host {
    const host = this.hosts.find((one) => one.name === name);
    if (host === undefined) throw new Error(`Cannot find host ${name}`);
    return host;
  }

  /** Lets time pass; returns what was told meanwhile. */
  after(ms: number): string[] {
    this.timeline.runUntil(this.timeline.nowMs + ms);
    return this.#told.splice(0);
  }

  pids(): number[] {
    return this.hosts.flatMap((host) => host.table.own.map(({ pid }) => pid));
  }

  #beat(): void {
    for (const host of this.hosts) host.agent?.heartbeat();
    this.timeline.after(1_000, () => this.#beat());
  }
}

Deno.test("a story: a host dies and comes back", () => {
  const scene = new Scene();
  scene.host("n1").powerOff();
  assertEquals(scene.after(6_000), [
    "node n1 is suspect (missed a probe)",
    "node n1 is lost (missed probes)",
    "web.0 on n1 is given up: node n1 is lost (missed probes)",
    "web.0 is assigned to n3: node n1 is lost (missed probes)",
    "web.0 on n3 is ready",
  ]);
  scene.host("n1").powerOn();
  assertEquals(scene.after(60_000), ["node n1 is back"]);
});

Deno.test("a story: an agent is stopped with Ctrl-C", () => {
  const scene = new Scene();
  scene.host("n2").agent?.take({ kind: "leave", replicas: "drained" });
  assertEquals(scene.after(5_000), [
    "node n2 is leaving; its replicas are moved",
    "web.1 is assigned to n3: node n2 is leaving",
    "web.1 on n3 is ready",
    "web.1 on n2 is stopped: web.1 is ready on n3 and takes over",
    "web.1 on n2 exited with code 1",
    "node n2 is lost (goodbye)",
  ]);
});

Deno.test("a story: a new release", () => {
  const scene = new Scene();
  scene.controller.write([
    put({ ...nextGeneration(service("web", 2), specNamed("web", { env: { RELEASE: "2" } })), desired: 2 }),
  ]);
  assertEquals(scene.after(10_000), [
    "web is at generation 2: env.RELEASE",
    "web.0 is assigned to n3: generation 2 replaces 1",
    "web.0 on n3 is ready",
    "web.0 on n1 is stopped: web.0 is ready on n3 and takes over",
    "web.1 is assigned to n1: generation 2 replaces 1",
    "web.1 on n1 is ready",
    "web.1 on n2 is stopped: web.1 is ready on n1 and takes over",
    "web.1 on n2 exited with code 1",
    "web.0 on n1 exited with code 1",
  ]);
});

Deno.test("a story: the controller is killed, stays away for an hour, and comes back", () => {
  const scene = new Scene();
  const before = scene.pids();
  scene.controller.kill();
  assertEquals(scene.after(3_600_000), []);
  assertEquals(scene.pids(), before);
  scene.controller.start();
  assertEquals(scene.after(60_000).toSorted(), [
    "node n1 is ready",
    "node n2 is ready",
    "node n3 is ready",
    "web.0 on n1 is ready",
    "web.1 on n2 is ready",
  ]);
  assertEquals(scene.pids(), before);
});

Deno.test("a story: the controller is frozen for a minute", () => {
  const scene = new Scene();
  scene.controller.freeze();
  scene.after(60_000);
  scene.controller.thaw();
  assertEquals(scene.after(60_000), []);
});

Deno.test("a story: an agent is killed and started again", () => {
  const scene = new Scene();
  const before = scene.pids();
  scene.host("n1").killAgent();
  scene.after(1_500);
  scene.host("n1").startAgent();
  const told = scene.after(60_000);
  assertEquals(scene.pids(), before);
  assertEquals(told.filter((text) => text.includes("assigned") || text.includes("stopped")), []);
});

Deno.test("a story: a replica crashes again and again, and is moved once in 5 min", () => {
  const scene = new Scene();
  scene.crashing = true;
  const host = scene.host("n1");
  host.end(host.table.own[0]!);
  const moves = (ms: number) => scene.after(ms).filter((text) => text.includes("is assigned"));
  assertEquals(moves(300_000), ["web.0 is assigned to n3: crashed 6 times on n1; last: exit code 1"]);
  assertEquals(moves(60_000).length, 1);
});
