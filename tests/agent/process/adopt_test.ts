import { assert, assertEquals } from "@std/assert";
import { adopt, type AdoptionHost } from "../../../lib/agent/process/adopt.ts";
import type { InstanceRecord } from "../../../lib/agent/session/effect.ts";
import { thisPlatform } from "../../../lib/agent/platform/platform.ts";
import { readProcStat } from "../../../lib/agent/platform/proc_stat.ts";
import { Sweeper } from "../../../lib/agent/process/sweep.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { granted } from "../../support/granted.ts";
import { until } from "../agent_process.ts";

const ignore = !granted || Deno.build.os !== "linux";
const BOOT = "/proc/sys/kernel/random/boot_id";

interface Scene extends AdoptionHost {
  /** Starts a process in a session of its own. */
  start(env: Record<string, string>, script?: string): Deno.ChildProcess;
  /** Writes what an agent would have written about that process. */
  note(instance: string, note: { pid: number; startedAt?: string; boot?: string }): Promise<void>;
}

function test(name: string, fn: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name: `adopt() ${name}`,
    ignore,
    fn: async () => {
      const runFolder = await Deno.makeTempDir();
      const closing = new AbortController();
      const platform = await thisPlatform();
      const nodeId = crypto.randomUUID();
      const children: Deno.ChildProcess[] = [];
      const scene: Scene = {
        platform,
        nodeId,
        runFolder,
        logFolder: runFolder,
        sweeper: new Sweeper(platform, nodeId),
        clock,
        closing: closing.signal,
        start: (env, script = "exec sleep 600") => {
          const options = { args: ["-c", script], env, clearEnv: true, detached: true };
          const child = new Deno.Command("/bin/sh", { ...options, stdin: "null", stdout: "null" }).spawn();
          children.push(child);
          return child;
        },
        note: async (instance, { pid, startedAt, boot = Deno.readTextFileSync(BOOT).trim() }) => {
          const self = Deno.readTextFileSync(`/proc/${pid}/stat`).trim();
          const real = readProcStat(self)?.startedAt ?? "";
          await Deno.writeTextFile(`${runFolder}/${instance}.json`, JSON.stringify(recordOf(instance)));
          const line = startedAt === undefined ? self : self.replace(` ${real} `, ` ${startedAt} `);
          await Deno.writeTextFile(`${runFolder}/${instance}.stat`, `${boot}\n${line}\n`);
        },
      };
      try {
        await fn(scene);
      } finally {
        closing.abort();
        for (const child of children) await end(child);
        await Deno.remove(runFolder, { recursive: true });
      }
    },
  });
}

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof TypeError)) throw error;
  }
  await child.status;
}

function recordOf(instance: string): InstanceRecord {
  const replica = crypto.randomUUID();
  const startedAt = new Date().toISOString();
  return {
    instance,
    replica,
    service: "web",
    slot: 0,
    port: 20_000,
    ports: {},
    startedAt,
    restarts: 0,
    crashAgesMs: [],
    restartSeq: 0,
  };
}

const isAlive = async (child: Deno.ChildProcess) => await Promise.race([child.status, clock.sleep(50)]) === undefined;

test("takes over a session leader with its marker, its start time and this boot", async (scene) => {
  const instance = crypto.randomUUID();
  const child = scene.start({ MUSTER_NODE_ID: scene.nodeId, MUSTER_INSTANCE: instance });
  await scene.note(instance, { pid: child.pid });
  const { adopted, ended, processes } = await adopt(scene);
  assertEquals([adopted.map(({ pid }) => pid), ended], [[child.pid], []]);
  child.kill("SIGKILL");
  assert((await processes[0]!.ended).code === null);
});

test("takes over and signals nothing whose pid alone is the same", async (scene) => {
  const marker = { MUSTER_NODE_ID: scene.nodeId };
  const reused = scene.start({ ...marker, MUSTER_INSTANCE: "of somebody else" });
  await scene.note(crypto.randomUUID(), { pid: reused.pid, startedAt: "1" });
  const rebooted = scene.start({ ...marker, MUSTER_INSTANCE: "of an earlier boot" });
  await scene.note(crypto.randomUUID(), { pid: rebooted.pid, boot: crypto.randomUUID() });
  const foreign = scene.start({ MUSTER_NODE_ID: crypto.randomUUID() });
  await scene.note(crypto.randomUUID(), { pid: foreign.pid });
  const { adopted, ended } = await adopt(scene);
  assertEquals([adopted.length, ended.length], [0, 2]);
  for (const child of [reused, rebooted, foreign]) assert(await isAlive(child));
  assertEquals([...Deno.readDirSync(scene.runFolder)], []);
});

test("cleans up after an instance that has ended, with what it left behind", async (scene) => {
  const instance = crypto.randomUUID();
  const leader = scene.start({ MUSTER_NODE_ID: scene.nodeId, MUSTER_INSTANCE: instance });
  await scene.note(instance, { pid: leader.pid });
  leader.kill("SIGKILL");
  await leader.status;
  const orphan = scene.start({ MUSTER_NODE_ID: scene.nodeId, MUSTER_INSTANCE: instance });
  const { adopted, ended } = await adopt(scene);
  assertEquals([adopted.length, ended.map((record) => record.instance)], [0, [instance]]);
  assertEquals((await orphan.status).signal, "SIGKILL");
});

test("tells the exit code of a process that nobody has reaped", async (scene) => {
  const instance = crypto.randomUUID();
  const note = `${scene.runFolder}/${instance}.stat`;
  // The outer shell becomes a program that never asks for its child's exit.
  const inner =
    `read -r boot <${BOOT}; read -r self </proc/self/stat; printf '%s\\n%s\\n' $boot "$self" >${note}; exit 7`;
  await Deno.writeTextFile(`${scene.runFolder}/${instance}.json`, JSON.stringify(recordOf(instance)));
  scene.start({ MUSTER_NODE_ID: scene.nodeId }, `setsid sh -c '${inner.replaceAll("'", `'\\''`)}' & exec sleep 600`);
  await until(async () => (await Deno.readTextFile(note).catch(() => "")).endsWith("\n"));
  const { processes } = await adopt(scene);
  assertEquals(await processes[0]?.ended, { code: 7, signal: null });
});

test("tells how long ago a process was started, whatever the time of day is", async (scene) => {
  const instance = crypto.randomUUID();
  const child = scene.start({ MUSTER_NODE_ID: scene.nodeId, MUSTER_INSTANCE: instance });
  await scene.note(instance, { pid: child.pid });
  const first = await adopt(scene);
  await clock.sleep(50);
  const second = await adopt(scene);
  const [before = NaN, after = NaN] = [first, second].map(({ adopted }) => adopted[0]?.ageMs);
  assert(before >= 0 && after > before, `${before}, ${after}`);
  child.kill("SIGKILL");
  await Promise.all([...first.processes, ...second.processes].map(({ ended }) => ended));
});

test("looks once for what all that ended left behind, and not at all after a reboot", async (scene) => {
  let looks = 0;
  const pids = () => {
    looks += 1;
    return scene.platform.pids();
  };
  const platform = { ...scene.platform, pids };
  const sweeper = new Sweeper(platform, scene.nodeId);
  const { pid } = scene.start({});
  const begin = async (boot?: string) => {
    for (let count = 0; count < 3; count++) {
      await scene.note(crypto.randomUUID(), { pid, startedAt: "1", ...boot !== undefined && { boot } });
    }
  };
  await begin("another");
  assertEquals((await adopt({ ...scene, platform, sweeper })).ended, []);
  assertEquals(looks, 0);
  await begin();
  assertEquals((await adopt({ ...scene, platform, sweeper })).ended.length, 3);
  assertEquals(looks, 1);
  assertEquals([...Deno.readDirSync(scene.runFolder)], []);
});
