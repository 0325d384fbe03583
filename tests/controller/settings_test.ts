import { assertEquals, assertStringIncludes } from "@std/assert";
import { CONTROLLER_PROGRAM, readSettings } from "../../lib/controller/settings.ts";
import { parseConfig } from "../../lib/runtime/config.ts";

const FILES: Record<string, string> = {
  "/token": "correct-horse-battery\n",
  "/empty": "",
  "/two": "first second-word",
};

function readFile(path: string): Promise<string> {
  const content = FILES[path];
  return content === undefined ? Promise.reject(new Error("not found")) : Promise.resolve(content);
}

async function read(...args: string[]) {
  const result = await parseConfig(CONTROLLER_PROGRAM, { args, env: new Map(), readFile });
  if (result.kind !== "config") return { kind: "usage_error" as const, message: JSON.stringify(result) };
  return await readSettings(result.config, { readFile });
}

Deno.test("the defaults listen on loopback without a token", async () => {
  const result = await read();
  assertEquals(result.kind === "settings" && [result.settings.host, result.settings.port], ["127.0.0.1", 8_000]);
  assertEquals(result.kind === "settings" && [result.settings.healthIntervalMs, result.settings.lostAfterMs], [
    1_000,
    3_000,
  ]);
});

Deno.test("--file takes files and objects, several too", async () => {
  const result = await read("--file", "web.yaml", "--file", "s3://launch/api.yaml");
  assertEquals(result.kind === "settings" && result.settings.files, [
    { kind: "file", path: "web.yaml" },
    { kind: "s3", bucket: "launch", key: "api.yaml" },
  ]);
});

Deno.test("how nodes are filled: nothing beyond their capacity and balance after 5 minutes, unless said", async () => {
  const placing = async (...args: string[]) => {
    const result = await read(...args);
    return result.kind === "settings" && result.settings.placing;
  };
  assertEquals(await placing(), { overcommit: { cpu: 1, memory: 1 }, rebalanceAfterMs: 300_000 });
  assertEquals(
    await placing("--overcommit-cpu", "2", "--overcommit-memory", "0.5", "--rebalance-after", "off"),
    { overcommit: { cpu: 2, memory: 0.5 }, rebalanceAfterMs: undefined },
  );
});

Deno.test("beyond loopback a token or --insecure is needed, and the message says so", async () => {
  const refused = await read("--host", "0.0.0.0");
  assertStringIncludes(refused.kind === "usage_error" ? refused.message : "", "--token-file <file>, or --insecure");
  assertEquals((await read("--host", "0.0.0.0", "--insecure")).kind, "settings");
  const closed = await read("--host", "0.0.0.0", "--token-file", "/token");
  assertEquals(closed.kind === "settings" && closed.settings.token, "correct-horse-battery");
  for (const host of ["localhost", "::1", "127.8.8.8"]) assertEquals((await read("--host", host)).kind, "settings");
});

Deno.test("flags that can't be meant are usage errors that say what was expected", async () => {
  const slips: [string[], string][] = [
    [["--token-file", "/empty"], "at least 8 characters"],
    [["--token-file", "/two"], "without spaces"],
    [["--token-file", "/none"], "not found"],
    [["--rebalance-after", "100ms"], "1s to 1d, or off"],
    [["--rebalance-after", "never"], "or off"],
    [["--overcommit-cpu", "0"], "a number from 0.1 to 10"],
    [["--overcommit-memory", "11"], "a number from 0.1 to 10"],
    [["--health-interval", "50ms"], "100ms to 60s"],
    [["--health-interval", "5s"], "at least --health-interval"],
    [["--advertise", "here"], "expected a URL"],
    [["--agent", "http://169.254.169.254"], "link-local"],
    [["--file", "http://example.com/web.yaml"], "expected a file, a folder, or s3://bucket/key"],
    [["--file", "web.yaml", "--file", "s3://launch"], "Cannot use --file s3://launch: it names no object"],
    [["--store", "etcd:http://x"], "sqlite, memory"],
    [["--prot", "1"], "--port"],
  ];
  for (const [args, message] of slips) {
    const result = await read(...args);
    assertStringIncludes(result.kind === "usage_error" ? result.message : "taken", message);
  }
});
