/**
 * The demo is the first thing that one sees of Muster: it has to work, to fail where something failed, and to leave
 * nothing behind however it ends.
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { STEPS } from "../../scripts/demo/steps.ts";
import { until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));
const END_MAX_MS = 60_000;

interface Demo extends AsyncDisposable {
  text: () => string;
  /** Waits for the demo to show something. */
  shown: (text: string) => Promise<unknown>;
  process: Deno.ChildProcess;
  /** Waits for its end, and sees that nothing is left. */
  ended: () => Promise<number>;
}

Deno.test({
  name: "demo: every step passes, no request fails, nothing is left",
  ignore: !granted,
  fn: async () => {
    await using demo = await startDemo();
    assertEquals([await demo.ended(), demo.text().includes("✗")], [0, false], demo.text());
    for (const { name } of STEPS) assertMatch(demo.text(), new RegExp(`^  ✓ ${name} +\\d+ ms$`, "m"));
    assertMatch(demo.text(), /requests [1-9]\d*, failed 0/);
    assertStringIncludes(demo.text(), "Nothing is left running");
  },
});

Deno.test({
  name: "demo: Ctrl-C in the middle of the story leaves nothing behind",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    await using demo = await startDemo();
    await demo.shown("replicas are ready");
    demo.process.kill("SIGINT");
    assertEquals(await demo.ended(), 130, demo.text());
    assertStringIncludes(demo.text(), "Nothing is left running");
  },
});

Deno.test({
  name: "demo --stay: prints lines to paste, and ends by Ctrl-C with exit code 0",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    await using demo = await startDemo({ args: ["--stay"] });
    await demo.shown("What happens shows below");
    const pid = Number(/^ {2}kill -9 (\d+)/m.exec(demo.text())?.[1]);
    Deno.kill(pid, "SIGKILL");
    await demo.shown(" is ready\n");
    demo.process.kill("SIGINT");
    assertEquals(await demo.ended(), 0, demo.text());
  },
});

Deno.test({
  name: "demo: names the step that failed",
  ignore: !granted,
  fn: async () => {
    await using demo = await startDemo({ env: { MUSTER_BINARIES: "/nowhere" } });
    assertEquals(await demo.ended(), 1, demo.text());
    assertStringIncludes(demo.text(), `Failed at "${STEPS[0]?.name}"`);
  },
});

Deno.test({
  name: "demo: refuses a flag that it does not know",
  ignore: !granted,
  fn: async () => {
    await using demo = await startDemo({ args: ["--quick"] });
    assertEquals(await demo.ended(), 2);
    assertStringIncludes(demo.text(), "--quick");
  },
});

/** The demo in a temporary folder of its own, by which all its processes are known. */
async function startDemo(
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
