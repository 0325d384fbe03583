import { assertEquals } from "@std/assert";
import { KEEPER_NAME, KEEPER_SCRIPT } from "../../../lib/agent/process/keeper_script.ts";
import { until } from "../../../scripts/local_program.ts";
import { granted } from "../../support/granted.ts";
import { pidsWith } from "../agent_process.ts";
import { installedShells, type Shell } from "../shells.ts";

const isAble = granted && Deno.build.os === "linux";

/** An instance with a session of its own, whose launching shell noted itself; its lease has run out. */
interface Scene {
  instance: string;
  /** What of it is alive. */
  alive: () => number[];
  /** Replaces the lines of the lease. */
  lease: (...lines: string[]) => Promise<void>;
  /** Runs the keeper until its lease is gone; `during` happens meanwhile. */
  keep: (during: () => Promise<unknown>) => Promise<void>;
}

function test(name: string, script: string, fn: (scene: Scene) => Promise<void>): void {
  for (const shell of isAble ? installedShells() : []) {
    Deno.test({ name: `the keeper in ${shell.name} ${name}`, fn: () => withInstance(shell, { script, fn }) });
  }
  if (!isAble) Deno.test({ name: `the keeper ${name}`, ignore: true, fn: () => {} });
}

async function withInstance(
  { command: [program, ...args] }: Shell,
  { script, fn }: { script: string; fn: (scene: Scene) => Promise<void> },
): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "muster-keeper-" });
  const instance = crypto.randomUUID();
  const alive = () => pidsWith(`MUSTER_INSTANCE=${instance}`);
  const note = `read -r boot </proc/sys/kernel/random/boot_id; read -r self </proc/self/stat
    printf '%s\\n%s\\n' "$boot" "$self" >${path}/${instance}.stat`;
  const leader = new Deno.Command("/bin/sh", {
    args: ["-c", `${note}\n${script}`],
    env: { PATH: "/usr/bin:/bin", MUSTER_INSTANCE: instance },
    clearEnv: true,
    detached: true,
    stdin: "null",
    stdout: "null",
  }).spawn();
  const lease = async (...lines: string[]) => {
    await Deno.writeTextFile(`${path}/lease.new`, ["{}", ...lines, ""].join("\n"));
    await Deno.rename(`${path}/lease.new`, `${path}/lease`);
  };
  await lease(`1 ${instance}`);
  const keep = async (during: () => Promise<unknown>) => {
    const words = [...args, "-c", KEEPER_SCRIPT, KEEPER_NAME, `${path}/lease`, path, `${path}/note`];
    const keeper = new Deno.Command(program, { args: words, stdin: "null", stdout: "null" }).spawn();
    try {
      await during();
    } finally {
      await Deno.remove(`${path}/lease`);
      await keeper.status;
    }
  };
  try {
    await fn({ instance, alive, lease, keep });
  } finally {
    for (const pid of alive()) Deno.kill(pid, "SIGKILL");
    await leader.status;
    await Deno.remove(path, { recursive: true });
  }
}

test("ends all of a session, its leader too", "sleep 600 & sleep 600 & exec sleep 600", async ({ alive, keep }) => {
  await until(() => alive().length === 3, { what: "its processes" });
  await keep(() => until(() => alive().length === 0, { what: "their end" }));
});

test("ends what has outlived its leader", "sleep 600 & exit", async ({ alive, keep }) => {
  await until(() => alive().length === 1, { what: "the leader's end" });
  await keep(() => until(() => alive().length === 0, { what: "the end of the rest" }));
});

test("ends what has a session of its own", "setsid sleep 600 & exec sleep 600", async ({ alive, keep }) => {
  await until(() => alive().length === 2, { what: "its processes" });
  await keep(() => until(() => alive().length === 0, { what: "their end" }));
});

test(
  "ends what begins itself anew all the time",
  `for each in 1 2 3 4; do setsid sh -c 'while :; do sleep 0.01 & sleep 0.01; done' & done; exec sleep 600`,
  async ({ alive, keep }) => {
    await until(() => alive().length > 4, { what: "its processes" });
    await keep(() => until(() => alive().length === 0, { what: "their end" }));
  },
);

test("looks for no more of what has ended, unless it is leased anew", "exit", async ({ instance, lease, keep }) => {
  const begun: Deno.ChildProcess[] = [];
  const marked = (mark: string) => {
    const child = new Deno.Command("/bin/sleep", { args: ["600"], env: { MUSTER_INSTANCE: mark } }).spawn();
    begun.push(child);
    return child;
  };
  /** Resolves when the keeper has looked at the first instance, as it ends another one after that. */
  const looked = async () => {
    const other = crypto.randomUUID();
    const witness = marked(other);
    await lease(`1 ${instance}`, `1 ${other}`);
    await witness.status;
  };
  await keep(async () => {
    await looked();
    await looked();
    const late = marked(instance);
    await looked();
    assertEquals(pidsWith(`MUSTER_INSTANCE=${instance}`), [late.pid]);
    await lease(`2 ${instance}`);
    await late.status;
  });
  assertEquals(begun.length, 4);
});
