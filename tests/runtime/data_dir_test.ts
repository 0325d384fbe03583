import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { defaultDataDir, openDataDir, writeAddressFile } from "../../lib/runtime/data_dir.ts";
import { granted } from "../support/granted.ts";

const onWindows = Deno.build.os === "windows";
const agent = { program: "agent", port: 9090 };

Deno.test({
  name: "defaultDataDir() follows XDG_STATE_HOME, then the home, and ignores a relative path",
  ignore: onWindows,
  fn: () => {
    assertEquals(defaultDataDir(agent, new Map([["XDG_STATE_HOME", "/state"]])), "/state/muster/agent-9090");
    const home = new Map([["XDG_STATE_HOME", "relative"], ["HOME", "/home/op"]]);
    assertEquals(defaultDataDir(agent, home), "/home/op/.local/state/muster/agent-9090");
  },
});

Deno.test("defaultDataDir() names no folder for port 0, and says what to do without a home", () => {
  assertEquals(defaultDataDir({ program: "agent", port: 0 }, new Map()), undefined);
  assertThrows(() => defaultDataDir(agent, new Map()), Error, "give one with --data");
});

Deno.test({
  name: "openDataDir() makes the folder for its owner only, and takes one that is there",
  ignore: !granted || onWindows,
  fn: async () => {
    const state = await Deno.makeTempDir();
    const env = new Map([["XDG_STATE_HOME", state]]);
    const path = await openDataDir(agent, env);
    assertEquals(path, join(state, "muster", "agent-9090"));
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o700);
    assertEquals(await openDataDir({ ...agent, data: path }, env), path);
    await Deno.remove(state, { recursive: true });
  },
});

Deno.test({
  name: "openDataDir() gives every program on port 0 a fresh folder",
  ignore: !granted,
  fn: async () => {
    const folders = [
      await openDataDir({ ...agent, port: 0 }, new Map()),
      await openDataDir({ ...agent, port: 0 }, new Map()),
    ];
    assertEquals(new Set(folders).size, 2);
    for (const folder of folders) {
      assertStringIncludes(folder, "muster-agent-");
      await Deno.remove(folder);
    }
  },
});

Deno.test({
  name: "writeAddressFile() leaves exactly the address",
  ignore: !granted,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const path = await writeAddressFile(folder, "agent", "127.0.0.1:43511");
    assertEquals(path, join(folder, "agent.addr"));
    assertEquals(await Deno.readTextFile(path), "127.0.0.1:43511");
    await Deno.remove(folder, { recursive: true });
  },
});
