import { assertEquals } from "@std/assert";
import { linux } from "../../../lib/agent/platform/linux.ts";
import { Keeper } from "../../../lib/agent/process/keeper.ts";
import type { Leases } from "../../../lib/agent/session/isolation.ts";
import { startProcess } from "../../../lib/agent/process/process.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { until } from "../../../scripts/local_program.ts";
import { granted } from "../../support/granted.ts";

/** Neither the keeper nor what it keeps is waited for by the agent: both outlive it. */
const options = {
  ignore: !granted || Deno.build.os !== "linux",
  sanitizeOps: false,
  sanitizeResources: false,
};
const NODE = crypto.randomUUID();

interface Scene extends AsyncDisposable {
  path: string;
  keeper: Keeper;
  /** Starts a program in a session of its own. */
  begin: (script: string) => Promise<{ instance: string; pid: number }>;
  leases: (...instances: { instance: string; lastsMs: number }[]) => Leases;
}

async function scene(): Promise<Scene> {
  const path = await Deno.makeTempDir({ prefix: "muster-keeper-" });
  const runFolder = `${path}/run`;
  await Deno.mkdir(runFolder);
  const host = { path, runFolder, platform: linux, boot: await linux.bootId(), clock: systemClock };
  const keeper = new Keeper(host);
  const begun: { pid: number }[] = [];
  return {
    path,
    keeper,
    begin: async (script) => {
      const instance = crypto.randomUUID();
      const command = ["/bin/sh", "-c", script] as const;
      const launch = { instance, command, env: { PATH: "/usr/bin:/bin" }, out: `${path}/out`, err: `${path}/err` };
      const started = await startProcess(launch, host);
      if (started.kind === "failed") throw new Error(started.reason);
      begun.push(started.process);
      return { instance, pid: started.process.pid };
    },
    leases: (...instances) => ({ contact: { node: NODE, epoch: 1, ...keeper.moment() }, instances }),
    [Symbol.asyncDispose]: async () => {
      await keeper.hold({ contact: { node: NODE, epoch: 1, ...keeper.moment() }, instances: [] });
      for (const { pid } of begun) {
        if (isAlive(pid)) Deno.kill(-pid, "SIGKILL");
        await until(() => !isAlive(pid), { what: "its end" });
      }
      await until(() => !isThere(`${path}/keeper`), { what: "the keeper to end" });
      await Deno.remove(path, { recursive: true });
    },
  };
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

function isAlive(pid: number): boolean {
  return isThere(`/proc/${pid}`) && !/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
}

function notedPid(path: string): number {
  return Number.parseInt(Deno.readTextFileSync(`${path}/keeper`));
}

Deno.test(
  "the keeper kills what has run out with all of its session, also when it defies signals, and nothing else",
  options,
  async () => {
    await using here = await scene();
    const over = await here.begin("trap '' TERM HUP; sleep 600 & kill -s STOP $$; wait");
    const goesOn = await here.begin("exec sleep 600");
    const soon = { instance: over.instance, lastsMs: 500 };
    await here.keeper.hold(here.leases(soon, { instance: goesOn.instance, lastsMs: 600_000 }));
    const sinceMs = performance.now();
    await until(() => !isAlive(over.pid), { what: "its end" });
    assertEquals(performance.now() - sinceMs > 400, true, "not before its time");
    assertEquals(isAlive(goesOn.pid), true);
  },
);

Deno.test(
  "the keeper kills nothing that only has the process id, or was noted in another boot",
  options,
  async () => {
    await using here = await scene();
    const [reused, rebooted, over] = [
      await here.begin("exec sleep 600"),
      await here.begin("exec sleep 600"),
      await here.begin("exec sleep 600"),
    ];
    const noteOf = (instance: string) => `${here.path}/run/${instance}.stat`;
    const [boot = "", self = ""] = Deno.readTextFileSync(noteOf(reused.instance)).split("\n");
    const fields = self.split(" ");
    fields[21] = String(Number(fields[21]) + 1);
    Deno.writeTextFileSync(noteOf(reused.instance), `${boot}\n${fields.join(" ")}\n`);
    const other = Deno.readTextFileSync(noteOf(rebooted.instance)).split("\n")[1];
    Deno.writeTextFileSync(noteOf(rebooted.instance), `${crypto.randomUUID()}\n${other}\n`);
    const instances = [reused, rebooted, over].map(({ instance }) => ({ instance, lastsMs: 0 }));
    await here.keeper.hold(here.leases(...instances, { instance: crypto.randomUUID(), lastsMs: 0 }));
    await until(() => !isAlive(over.pid), { what: "the end of the one that is proved" });
    assertEquals([isAlive(reused.pid), isAlive(rebooted.pid)], [true, true]);
  },
);

Deno.test(
  "one keeper serves all agent processes of a folder, is replaced when it died, and goes with the last lease",
  options,
  async () => {
    await using here = await scene();
    const { instance } = await here.begin("exec sleep 600");
    const long = { instance, lastsMs: 600_000 };
    await here.keeper.hold(here.leases(long));
    await until(() => isThere(`${here.path}/keeper`), { what: "its note" });
    const first = notedPid(here.path);
    const host = { path: here.path, runFolder: `${here.path}/run`, platform: linux, clock: systemClock };
    const next = new Keeper({ ...host, boot: await linux.bootId() });
    assertEquals(next.lastContact()?.node, NODE);
    assertEquals(new Keeper({ ...host, boot: "another" }).lastContact(), undefined);
    await next.hold(here.leases(long));
    assertEquals(notedPid(here.path), first);
    Deno.kill(first, "SIGKILL");
    await until(() => !isAlive(first), { what: "its end" });
    await next.hold(here.leases(long));
    await until(() => notedPid(here.path) !== first, { what: "another one" });
    await next.hold(here.leases());
    await until(() => !isThere(`${here.path}/keeper`), { what: "it to end" });
  },
);

Deno.test("a process is not begun once its time is over", options, async () => {
  await using here = await scene();
  const instance = crypto.randomUUID();
  const host = { platform: linux, runFolder: `${here.path}/run` };
  const files = { out: `${here.path}/out`, err: `${here.path}/err` };
  const command = ["/bin/sh", "-c", `touch ${here.path}/begun`] as const;
  const env = { PATH: "/usr/bin:/bin" };
  const past = Math.floor(here.keeper.moment().bootMs / 10) - 1;
  const result = await startProcess({ instance, command, env, ...files, until: past }, host);
  assertEquals(result.kind, "failed");
  assertEquals(isThere(`${here.path}/begun`), false);
});
