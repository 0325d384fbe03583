/**
 * Exclusive services: never two processes of one slot, whatever becomes of hosts, networks, agents and the controller.
 * Rows 9, 10, 12 and 17 for them, and agents that are killed. Each process writes down when it lives; what counts is that
 * no two lives overlap.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { canMakeNetLab, openNetLab } from "../support/netns.ts";
import { assertWithin, tell } from "./measured.ts";

/** `stop_after`, the stop timeout and the margin of the controller, from the last answer that it received. */
const GONE_AFTER_MS = 3_000 + 1_000 + 1_000;
/** That last answer may be as old as the interval of health checks when the trouble begins. */
const LAST_HEARD_MS = 1_100;
const START_MS = 2_500;

interface LifeTime {
  pid: number;
  firstMs: number;
  lastMs: number;
}

/** Where the processes of a service write down, twenty times a second, that they live. */
class Diary implements Disposable {
  readonly path = Deno.makeTempFileSync({ prefix: "muster-diary-" });

  spec(on = "TERM") {
    const script = `trap '' ${on}; while :; do read -r up idle </proc/uptime; echo "$up $$" >>"${this.path}"; ` +
      `sleep 0.05; done`;
    const command = ["/bin/sh", "-c", on === "" ? script.replace("trap '' ;", "") : script];
    return { command, replicas: 1, on_isolation: { stop_after: "3s" }, stop: { timeout: "1s" } };
  }

  /** In the order in which they began. */
  lives(): LifeTime[] {
    const lives = new Map<number, LifeTime>();
    for (const line of Deno.readTextFileSync(this.path).trim().split("\n")) {
      const [atMs, pid] = [Number(line.split(" ")[0]) * 1_000, Number(line.split(" ")[1])];
      if (!(pid > 0)) continue;
      const life = lives.get(pid);
      if (life === undefined) lives.set(pid, { pid, firstMs: atMs, lastMs: atMs });
      else life.lastMs = atMs;
    }
    return [...lives.values()];
  }

  /** Waits until so many processes have lived, and gives them. */
  async lived(count: number): Promise<LifeTime[]> {
    return await until(() => this.lives().length >= count && this.lives(), {
      what: () => `${count} lives: ${JSON.stringify(this.lives())}`,
      withinMs: 40_000,
    });
  }

  /** Lets it go on for a while, and says how far apart the lives were. */
  async assertApart(): Promise<void> {
    const last = this.lives().at(-1);
    await until(() => (this.lives().find(({ pid }) => pid === last?.pid)?.lastMs ?? 0) > (last?.lastMs ?? 0) + 1_500, {
      what: () => `the last one to go on: ${JSON.stringify(this.lives())}`,
    });
    const lives = this.lives();
    const gapsMs = lives.slice(1).map(({ firstMs }, at) => firstMs - lives[at]!.lastMs);
    assert(gapsMs.every((gapMs) => gapMs > 0), `two lived at once: ${JSON.stringify(lives)}`);
    tell(`lives were apart by ${gapsMs.map(Math.round).join(", ")} ms`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path);
  }
}

function test(name: string, { ignore, fn }: { ignore: boolean; fn: () => Promise<void> }): void {
  Deno.test({ name: `chaos exclusive ${name}`, ignore, fn });
}

const noLab = !canMakeNetLab;
const noLinux = !granted || Deno.build.os !== "linux";

/** Which agent carries the only replica, by its place among the agents. */
async function carrierOf(cluster: Cluster): Promise<number> {
  const [replica] = await cluster.ready(1, { service: "only" });
  const { nodes } = await cluster.status();
  const url = nodes.find(({ id }) => id === replica!.node)?.url;
  return cluster.agents.findIndex((agent) => agent.url === url);
}

test("9: of a host that dies, it is replaced once it is sure to have ended, and then soon", {
  ignore: noLab,
  fn: async () => {
    using diary = new Diary();
    await using lab = await openNetLab(2);
    await using cluster = await startCluster({ agents: lab.hosts, controller: lab.here });
    await cluster.putService("only", diary.spec());
    const at = await carrierOf(cluster);
    await diary.lived(1);
    const sinceMs = performance.now();
    await lab.killAll(lab.hosts[at]!);
    await diary.lived(2);
    const tookMs = performance.now() - sinceMs;
    assert(tookMs > GONE_AFTER_MS - LAST_HEARD_MS, `replaced after ${tookMs} ms already`);
    assertWithin("9 exclusive: replaced, start included", { tookMs, boundMs: GONE_AFTER_MS + START_MS });
    await diary.assertApart();
  },
});

for (const direction of ["both", "from", "to"] as const) {
  test(`10: cut off in silence (${direction}), it ends by itself before another begins, and heals to one`, {
    ignore: noLab,
    fn: async () => {
      using diary = new Diary();
      await using lab = await openNetLab(2);
      await using cluster = await startCluster({ agents: lab.hosts, controller: lab.here });
      await cluster.putService("only", diary.spec());
      const at = await carrierOf(cluster);
      await diary.lived(1);
      await lab.cut([lab.hosts[at]!], direction);
      await diary.lived(2);
      await lab.heal();
      await assertMoved(cluster, diary);
    },
  });
}

test("12: of an agent that is frozen, the keeper ends it in time; thawed, it begins nothing", {
  ignore: noLinux,
  fn: async () => {
    using diary = new Diary();
    await using cluster = await startCluster({ agents: 2 });
    await cluster.putService("only", diary.spec());
    const agent = cluster.agents[await carrierOf(cluster)]!;
    await diary.lived(1);
    const sinceMs = performance.now();
    agent.kill("SIGSTOP");
    await diary.lived(2);
    assertWithin("12 exclusive: replaced", {
      tookMs: performance.now() - sinceMs,
      boundMs: GONE_AFTER_MS + START_MS,
    });
    agent.kill("SIGCONT");
    await assertMoved(cluster, diary);
  },
});

test("17: without a controller it stops and all else runs on; with one again it begins anew", {
  ignore: noLinux,
  fn: async () => {
    using diary = new Diary();
    await using cluster = await startCluster({ agents: 1 });
    await cluster.scale(1);
    const [plain] = await cluster.ready(1);
    await cluster.putService("only", diary.spec(""));
    await cluster.ready(1, { service: "only" });
    const [life] = await diary.lived(1);
    await cluster.controller.stop("SIGKILL");
    const sinceMs = performance.now();
    await until(() => !isAlive(life!.pid), { what: "its end" });
    const tookMs = performance.now() - sinceMs;
    assert(tookMs > 3_000 - LAST_HEARD_MS, `stopped after ${tookMs} ms already`);
    assertWithin("17 exclusive: stopped", { tookMs, boundMs: 4_000 });
    assert(isAlive(plain!.pid!), "what is not exclusive runs on");
    await cluster.restartController();
    await diary.lived(2);
    await diary.assertApart();
    assertEquals((await cluster.ready(1))[0]?.pid, plain?.pid);
  },
});

test("an agent that is killed and back in time adopts it; one that stays away has it ended by the keeper", {
  ignore: noLinux,
  fn: async () => {
    using diary = new Diary();
    await using cluster = await startCluster({ agents: 1 });
    await cluster.putService("only", diary.spec());
    const [before] = await cluster.ready(1, { service: "only" });
    await cluster.agents[0]!.stop("SIGKILL");
    await cluster.restartAgent(0);
    await cluster.agents[0]!.logged('"adopted":1');
    const [after] = await cluster.ready(1, { service: "only" });
    assertEquals([after?.pid, after?.restarts], [before?.pid, 0]);
    // Longer than a contact lasts: it is kept alive by the new agent process.
    await until(() => diary.lives()[0]!.lastMs - diary.lives()[0]!.firstMs > 6_000, { what: "it to go on" });
    assertEquals(diary.lives().length, 1);

    await cluster.agents[0]!.stop("SIGKILL");
    const sinceMs = performance.now();
    await until(() => !isAlive(before!.pid!), { what: "its end" });
    assertWithin("exclusive: ended by the keeper", { tookMs: performance.now() - sinceMs, boundMs: 4_500 });
    await cluster.restartAgent(0);
    await diary.lived(2);
    await diary.assertApart();
  },
});

/** With all nodes back, one life followed on another, and no third. */
async function assertMoved(cluster: Cluster, diary: Diary): Promise<void> {
  await cluster.until({
    what: "all nodes to be ready",
    check: ({ nodes }) => nodes.every(({ status }) => status === "ready"),
  });
  await diary.assertApart();
  assertEquals(diary.lives().length, 2);
}

function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}
