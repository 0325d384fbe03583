import { assertEquals, assertMatch } from "@std/assert";
import { linux } from "../../../lib/agent/platform/linux.ts";
import { startProcess } from "../../../lib/agent/process/process.ts";
import { granted } from "../../support/granted.ts";

const ignore = !granted || Deno.build.os === "windows";

/** As on Windows: nothing outlives the agent. */
const platform = { ...linux, launcher: undefined };

async function start(command: readonly [string, ...string[]], folder: string) {
  const launch = {
    instance: crypto.randomUUID(),
    command,
    env: { A: "b" },
    out: `${folder}/out`,
    err: `${folder}/err`,
  };
  return await startProcess(launch, { platform, runFolder: folder });
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "muster-child-" });
  await work(folder).finally(() => Deno.remove(folder, { recursive: true }));
}

Deno.test({
  name: "startChild() lets the program append to its log files by itself, and tells its exit code",
  ignore,
  fn: () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/out`, "before\n");
      const result = await start(["/bin/sh", "-c", "echo $A; echo trouble >&2; exit 3"], folder);
      if (result.kind === "failed") throw new Error(result.reason);
      assertEquals(await result.process.ended, { code: 3, signal: null });
      assertEquals(await Deno.readTextFile(`${folder}/out`), "before\nb\n");
      assertEquals(await Deno.readTextFile(`${folder}/err`), "trouble\n");
    }),
});

Deno.test({
  name: "startChild() tells the signal that ended the program",
  ignore,
  fn: () =>
    inFolder(async (folder) => {
      const result = await start(["/bin/sh", "-c", "kill -9 $$"], folder);
      if (result.kind === "failed") throw new Error(result.reason);
      assertEquals(await result.process.ended, { code: null, signal: "SIGKILL" });
    }),
});

Deno.test({
  name: "startChild() gives the system's reason when the program is not there",
  ignore,
  fn: () =>
    inFolder(async (folder) => {
      const result = await start(["/nowhere/web"], folder);
      assertMatch(result.kind === "failed" ? result.reason : "", /^Cannot start \/nowhere\/web: .*(ENOENT|not find)/);
    }),
});
