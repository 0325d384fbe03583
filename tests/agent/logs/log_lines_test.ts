import { assertEquals } from "@std/assert";
import { delay } from "@std/async";
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

const ALL = { partBytesMax: 1_000_000, partsMax: 4 };
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
  await rotateLog(path, ALL);
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
  await rotateLog(path, ALL);
  await writer.write(new TextEncoder().encode("b"));
  assertEquals(await Deno.readTextFile(path), "b");
  assertEquals((await Deno.stat(`${path}.1`)).size, 5_000);
});

test("rotateLog() follows no link", async (folder) => {
  await Deno.writeTextFile(`${folder}/precious`, "kept");
  await Deno.symlink(`${folder}/precious`, `${folder}/${REPLICA}.out`);
  const refused = await rotateLog(`${folder}/${REPLICA}.out`, ALL).then(() => "cut", (error: Error) => error.message);
  assertEquals(refused.includes("no plain file"), true);
  assertEquals(await Deno.readTextFile(`${folder}/precious`), "kept");
});

test("readLogs() goes back through as many older parts as it takes", async (folder) => {
  const path = `${folder}/${REPLICA}.out`;
  for (const [part, text] of [["9", "1\n2"], ["10", "2\n3\n4"], ["11", "4\n"]]) {
    await Deno.writeTextFile(`${path}.${part}`, text!);
  }
  await Deno.writeTextFile(path, "8\n9\n");
  const read = async (tail: number) => {
    const options = { tail, stream: "out" as const, follow: false, clock, signal };
    return (await Array.fromAsync(readLogs({ folder, replica: REPLICA }, options))).map(({ line }) => line).join(" ");
  };
  assertEquals(await read(2), "8 9");
  assertEquals(await read(3), "44 8 9", "a line may lie in two parts");
  assertEquals(await read(100), "1 22 3 44 8 9");
});

test("readLogs() loses no line and gives none twice, however often the log is cut meanwhile", async (folder) => {
  const path = `${folder}/${REPLICA}.out`;
  await Deno.writeTextFile(path, "");
  const ending = new AbortController();
  const seen: number[] = [];
  const options = { tail: 0, follow: true, stream: "out" as const, clock, signal: ending.signal };
  const following = (async () => {
    for await (const { line } of readLogs({ folder, replica: REPLICA }, options)) seen.push(Number(line));
  })();
  using writer = await Deno.open(path, { append: true });
  const encoder = new TextEncoder();
  const count = 4_000;
  for (let line = 1; line <= count; line++) {
    writer.writeSync(encoder.encode(`${line}\n`));
    if (line % 50 === 0) await delay(1);
    // As often as a look may come, and sometimes twice in a row.
    if (line % 500 === 0 || line % 500 === 1) await rotateLog(path, { partBytesMax: 1_000_000, partsMax: 100 });
  }
  await until(() => seen.at(-1) === count);
  assertEquals(seen, Array.from({ length: seen.length }, (_, at) => count - seen.length + 1 + at));
  ending.abort();
  await following;
});
