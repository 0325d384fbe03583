import { assertEquals } from "@std/assert";
import { linux } from "../../../lib/agent/platform/linux.ts";
import { type Launch, launcherArgs, startProcess } from "../../../lib/agent/process/process.ts";
import { readLaunchNote } from "../../../lib/agent/process/run_files.ts";
import { granted } from "../../support/granted.ts";
import { installedShells, type Shell } from "../shells.ts";

const isAble = granted && Deno.build.os === "linux";
const OOM_SCORE = "/proc/self/oom_score_adj";
const { launcher } = linux;

function testWithShells(name: string, fn: (shell: Shell, folder: string) => Promise<void>): void {
  for (const shell of isAble ? installedShells() : []) {
    Deno.test({ name: `the launcher in ${shell.name} ${name}`, fn: () => inFolder((folder) => fn(shell, folder)) });
  }
  if (!isAble) Deno.test({ name: `the launcher ${name}`, ignore: true, fn: () => {} });
}

async function inFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "muster-launcher-" });
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function launchIn(folder: string, script: string): Launch {
  const env = { PATH: "/usr/bin:/bin", MARK: "as given" };
  const command = ["/bin/sh", "-c", script] as const;
  return { instance: crypto.randomUUID(), command, env, out: `${folder}/out`, err: `${folder}/err` };
}

async function run({ command: [program, ...words] }: Shell, args: string[], env: Record<string, string>) {
  const command = new Deno.Command(program, { args: [...words, ...args], env, clearEnv: true, stdin: "null" });
  const { code } = await command.output();
  return code;
}

testWithShells("notes itself, gives the program its files and environment, and becomes it", async (shell, folder) => {
  if (launcher === undefined) throw new TypeError("unreachable: Linux has a launcher");
  const launch = launchIn(folder, "env; echo trouble >&2; exit 7");
  assertEquals(await run(shell, launcherArgs(launch, { launcher, runFolder: folder }), launch.env), 7);
  const note = readLaunchNote(folder, launch.instance);
  assertEquals(note?.boot, await linux.bootId());
  assertEquals(typeof launcher.readRecord(note?.self ?? "")?.startedAt, "string");
  const given = Deno.readTextFileSync(launch.out).trim().split("\n").filter((line) => !/^(_|PWD|SHLVL)=/.test(line));
  assertEquals(given.toSorted(), ["MARK=as given", "PATH=/usr/bin:/bin"]);
  assertEquals(Deno.readTextFileSync(launch.err), "trouble\n");
});

testWithShells("begins nothing whose time is over", async (shell, folder) => {
  if (launcher === undefined) throw new TypeError("unreachable: Linux has a launcher");
  const launch = { ...launchIn(folder, `touch ${folder}/begun`), until: 1 };
  assertEquals(await run(shell, launcherArgs(launch, { launcher, runFolder: folder }), launch.env), 126);
  assertEquals([...Deno.readDirSync(folder)].some(({ name }) => name === "begun"), false);
});

testWithShells("gives up being spared when memory runs short, and nothing else", async (shell, folder) => {
  const score = `${folder}/oom_score_adj`;
  const lines = launcher?.disownLines?.replaceAll(OOM_SCORE, score) ?? "";
  for (const [before, after] of [["-500", "0"], ["0", "0"], ["300", "300"]] as const) {
    await Deno.writeTextFile(score, `${before}\n`);
    assertEquals(await run(shell, ["-ec", lines], {}), 0);
    assertEquals(Deno.readTextFileSync(score).trim(), after);
  }
  await Deno.remove(score);
  await Deno.mkdir(score);
  assertEquals(await run(shell, ["-c", `${lines}\nexit 5`], {}), 5, "a system that refuses is no reason not to start");
});

// Elsewhere the same lines are tried by the shells above.
const mayBeSpared = isAble && maySpareItself();
if (mayBeSpared) {
  Deno.test({
    name: "startProcess() starts what is not spared when memory runs short, whatever the agent is",
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () =>
      inFolder(async (folder) => {
        const before = Deno.readTextFileSync(OOM_SCORE);
        Deno.writeTextFileSync(OOM_SCORE, "-500");
        try {
          const result = await startProcess(launchIn(folder, "exec sleep 600"), { platform: linux, runFolder: folder });
          if (result.kind === "failed") throw new Error(result.reason);
          const { pid, ended } = result.process;
          assertEquals(Deno.readTextFileSync(`/proc/${pid}/oom_score_adj`).trim(), "0");
          Deno.kill(pid, "SIGKILL");
          await ended;
        } finally {
          Deno.writeTextFileSync(OOM_SCORE, before.trim());
        }
      }),
  });
}

/** To be spared more than before takes a privilege. */
function maySpareItself(): boolean {
  const before = Deno.readTextFileSync(OOM_SCORE).trim();
  try {
    Deno.writeTextFileSync(OOM_SCORE, "-500");
    Deno.writeTextFileSync(OOM_SCORE, before);
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return false;
  }
}
