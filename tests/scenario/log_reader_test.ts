/**
 * Whoever reads a program's log may go away, as a pager, `tee` or a restarted log daemon does: the program goes on.
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { commandLine, type ProgramName, until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";

const scenario = { ignore: !granted || Deno.build.os === "windows" };

for (const name of ["controller", "agent"] as const) {
  Deno.test(`${name} outlives who reads its log`, scenario, async () => {
    const data = await Deno.makeTempDir({ prefix: "muster-reader-" });
    const child = start(name, data);
    try {
      const address = await until(() => readIfThere(join(data, `${name}.addr`)), { what: "its address" });
      await child.stderr.cancel();
      // Each of these writes lines to the log.
      const path = name === "agent" ? "/v1/assignments" : "/v1/nodes";
      for (let asked = 0; asked < 3; asked++) {
        const response = await fetch(`http://${address}${path}`, { method: "POST", body: "{" });
        await response.body?.cancel();
      }
      child.kill("SIGTERM");
      assertEquals(await child.status, { success: true, code: 0, signal: null });
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
}

function start(name: ProgramName, data: string): Deno.ChildProcess {
  const [program = "", ...args] = commandLine(name);
  const flags = ["--port", "0", "--data", data, "--log-level", "debug"];
  return new Deno.Command(program, { args: [...args, ...flags], stdin: "null", stdout: "null", stderr: "piped" })
    .spawn();
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path) || undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  }
}
