import { assertEquals } from "@std/assert";
import { type LogLine, readLogs } from "../../../lib/agent/logs/log_lines.ts";
import { rotateLog } from "../../../lib/agent/logs/log_rotation.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { granted } from "../../support/granted.ts";
import { until } from "../agent_process.ts";

const REPLICA = "11111111-1111-4111-8111-111111111111";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        await fn(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

const signal = new AbortController().signal;
const texts = (lines: LogLine[]) => lines.map(({ stream, line }) => `${stream}: ${line}`);

test("readLogs() gives the last lines of both streams, the older part included", async (folder) => {
  await Deno.writeTextFile(`${folder}/${REPLICA}.out.1`, "one\ntwo\n");
  await Deno.writeTextFile(`${folder}/${REPLICA}.out`, "three\nfour");
  await Deno.writeTextFile(`${folder}/${REPLICA}.err`, "oops\n");
  const read = (options: { tail: number; stream?: "out" | "err" }) =>
    Array.fromAsync(readLogs({ folder, replica: REPLICA }, { ...options, follow: false, clock, signal })).then(texts);
  assertEquals(await read({ tail: 3 }), ["out: two", "out: three", "out: four", "err: oops"]);
  assertEquals(await read({ tail: 1, stream: "err" }), ["err: oops"]);
  assertEquals(await read({ tail: 0 }), []);
});

test("readLogs() follows what is added, across a rotation, until its signal", async (folder) => {
  const path = `${folder}/${REPLICA}.out`;
  await Deno.writeTextFile(path, "old\n");
  const ending = new AbortController();
  const lines: LogLine[] = [];
  const options = { tail: 0, follow: true, clock, signal: ending.signal };
  const following = (async () => {
    for await (const line of readLogs({ folder, replica: REPLICA }, options)) lines.push(line);
  })();
  const append = (text: string) => Deno.writeTextFile(path, text, { append: true });
  await until(async () => {
    await append("new\n");
    return lines.length > 0;
  });
  await append("last before\n");
  await rotateLog(path, 1_000_000);
  await append("first after\n");
  await until(() => lines.some(({ line }) => line === "first after"));
  assertEquals(lines.some(({ line }) => line === "last before"), true);
  ending.abort();
  await following;
});

test("rotateLog() moves what there is to the older part, and the writer goes on", async (folder) => {
  const path = `${folder}/${REPLICA}.out`;
  using writer = await Deno.open(path, { create: true, append: true });
  await writer.write(new TextEncoder().encode("a".repeat(5_000)));
  await rotateLog(path, 4_000);
  await writer.write(new TextEncoder().encode("b"));
  assertEquals(await Deno.readTextFile(path), "b");
  assertEquals((await Deno.stat(`${path}.1`)).size, 5_000);
});

test("rotateLog() follows no link", async (folder) => {
  await Deno.writeTextFile(`${folder}/precious`, "kept");
  await Deno.symlink(`${folder}/precious`, `${folder}/${REPLICA}.out`);
  const refused = await rotateLog(`${folder}/${REPLICA}.out`, 1).then(() => "cut", (error: Error) => error.message);
  assertEquals(refused.includes("no plain file"), true);
  assertEquals(await Deno.readTextFile(`${folder}/precious`), "kept");
});
