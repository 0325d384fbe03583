/**
 * The demo as a process of its own, in a temporary folder by which all its processes are known.
 * @module
 */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { until } from "../../scripts/local_program.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));
const END_MAX_MS = 60_000;

export interface Demo extends AsyncDisposable {
  text: () => string;
  /** Waits for the demo to show something. */
  shown: (text: string) => Promise<unknown>;
  process: Deno.ChildProcess;
  /** Waits for its end, and sees that nothing is left. */
  ended: () => Promise<number>;
}

/** Starts it. */
export async function startDemo(
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<Demo> {
  const folder = await Deno.makeTempDir({ prefix: "muster-demo-test-" });
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", SCRIPT, ...args],
    env: { TMPDIR: folder, NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  let over = false;
  process.status.then(() => over = true);
  const reading = (async () => {
    for await (const piece of process.stdout.pipeThrough(new TextDecoderStream())) text += piece;
  })();
  return {
    process,
    text: () => text,
    shown: (part) =>
      until(() => {
        if (over && !text.includes(part)) throw new Error(`The demo is over without "${part}":\n${text}`);
        return text.includes(part);
      }, { withinMs: END_MAX_MS, what: () => `"${part}" in:\n${text}` }),
    ended: async () => {
      const { code } = await process.status;
      await reading;
      assertEquals(await processesWith(`TMPDIR=${folder}`), [], "processes that the demo has left");
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), [], "files that the demo has left");
      return code;
    },
    [Symbol.asyncDispose]: async () => {
      if (!over) process.kill("SIGTERM");
      await Promise.all([process.status, reading]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The processes that have this in their environment; none where they can't be looked into. */
async function processesWith(variable: string): Promise<number[]> {
  if (Deno.build.os !== "linux") return [];
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await Deno.readTextFile(`/proc/${name}/environ`).catch(() => "");
    if (environment.split("\0").includes(variable)) found.push(Number(name));
  }
  return found;
}
