import { assert, assertEquals, assertMatch } from "@std/assert";
import { AGENT_PROGRAM, nameOf, readSettings, type SettingsResult } from "../../lib/agent/settings.ts";
import { parseConfig } from "../../lib/runtime/config.ts";

const FILES: Readonly<Record<string, string>> = { token: "s3cret\n", empty: "\n" };

async function settingsOf(...args: string[]): Promise<SettingsResult> {
  const readFile = (path: string) => Promise.resolve(FILES[path] ?? Promise.reject(new Error("No such file")));
  const result = await parseConfig(AGENT_PROGRAM, { args, env: new Map(), readFile });
  assert(result.kind === "config");
  return await readSettings(result.config, {
    hostname: "h1",
    cores: 4,
    memoryMib: 8_192,
    readFile,
    hasJoined: () => Promise.resolve(false),
  });
}

async function messageOf(...args: string[]): Promise<string> {
  const result = await settingsOf(...args);
  return result.kind === "usage_error" ? result.message : "accepted";
}

Deno.test("readSettings() fills in the host's own values", async () => {
  const result = await settingsOf("--label", "region=eu", "--cpu", "2");
  assert(result.kind === "settings");
  const { host, port, capacity, labels, onExit, token } = result.settings;
  assertEquals([host, port, onExit, token], ["127.0.0.1", 9_090, "auto", undefined]);
  assertEquals([capacity, labels], [{ cpu: 2, memory: 8_192 }, { region: "eu" }]);
});

Deno.test("readSettings() takes off what the host keeps for itself, of all or of what was said", async () => {
  const capacity = async (...args: string[]) => {
    const result = await settingsOf(...args);
    return result.kind === "settings" && result.settings.capacity;
  };
  assertEquals(await capacity("--reserve-cpu", "0.5", "--reserve-memory", "1024"), { cpu: 3.5, memory: 7_168 });
  assertEquals(await capacity("--cpu", "2", "--reserve-cpu", "1"), { cpu: 1, memory: 8_192 });
  assertEquals(await capacity("--reserve-cpu", "64", "--reserve-memory", "9000"), { cpu: 0, memory: 0 });
});

Deno.test("readSettings() refuses an address beyond loopback without a credential, and says which flags to give", async () => {
  assertMatch(await messageOf("--host", "0.0.0.0"), /--token-file.*--insecure/);
  assertEquals(await messageOf("--host", "0.0.0.0", "--token-file", "token"), "accepted");
  assertEquals(await messageOf("--host", "10.0.0.1", "--insecure"), "accepted");
  for (const host of ["127.0.0.1", "127.3.2.1", "::1", "localhost"]) {
    assertEquals(await messageOf("--host", host), "accepted");
  }
});

Deno.test("readSettings() refuses a token file that holds no token, and URLs that are none", async () => {
  assertMatch(await messageOf("--token-file", "empty"), /expected one token/);
  assertMatch(await messageOf("--token-file", "missing"), /No such file/);
  for (const url of ["ftp://a", "a", "http://user:pw@a"]) {
    assertMatch(await messageOf("--controller", url), /expected a URL/);
  }
});

Deno.test("nameOf() tells several agents on one host apart by their ports", () => {
  assertEquals(nameOf({ name: undefined, hostname: "h1" }, 9_090), "h1");
  assertEquals(nameOf({ name: undefined, hostname: "h1" }, 9_091), "h1-9091");
  assertEquals(nameOf({ name: "n", hostname: "h1" }, 9_091), "n");
});
