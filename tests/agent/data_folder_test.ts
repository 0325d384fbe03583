import { assertEquals, assertRejects } from "@std/assert";
import { claimDataFolder } from "../../lib/agent/data_folder.ts";
import { emptyMemory, readMemory, withoutCluster, writeMemory } from "../../lib/agent/memory_file.ts";
import { systemRandom as random } from "../../lib/runtime/random.ts";
import { granted } from "../support/granted.ts";
import { orderOf } from "./agent_process.ts";

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

test("claimDataFolder() keeps its node id, and counts as rebooted until orders were taken in this boot", async (path) => {
  const lives = [];
  for (const [bootId, takesOrders] of [["1", true], ["1", true], ["2", false], ["2", true], ["2", false]] as const) {
    using folder = await claimDataFolder(path, { bootId, random });
    lives.push({ nodeId: folder.nodeId, rebooted: folder.rebooted });
    if (takesOrders) await folder.noteBoot();
  }
  assertEquals(lives.map(({ rebooted }) => rebooted), [false, false, true, true, false]);
  assertEquals(new Set(lives.map(({ nodeId }) => nodeId)).size, 1);
});

test("claimDataFolder() refuses a folder that another agent uses, and a damaged node id", async (path) => {
  {
    using _folder = await claimDataFolder(path, { bootId: "b", random });
    await assertRejects(() => claimDataFolder(path, { bootId: "b", random }), Error, "another agent uses it");
  }
  await Deno.writeTextFile(`${path}/node-id`, "");
  await assertRejects(() => claimDataFolder(path, { bootId: "b", random }), Error, "expected a UUID");
  await Deno.remove(`${path}/node-id`);
  (await claimDataFolder(path, { bootId: "b", random }))[Symbol.dispose]();
});

test("writeMemory() keeps for the owner only what readMemory() gives back", async (path) => {
  assertEquals(await readMemory(path, "n1"), emptyMemory("n1"));
  const memory = {
    ...emptyMemory("n2"),
    cluster: crypto.randomUUID(),
    epoch: 3,
    revision: 4,
    replicas: [orderOf(["sleep"])],
  };
  await writeMemory(path, memory);
  assertEquals(await readMemory(path, "n1"), memory);
  assertEquals((await Deno.stat(`${path}/state.json`)).mode! & 0o777, 0o600);
  const { cluster, epoch, replicas } = withoutCluster(memory);
  assertEquals([cluster, epoch, replicas.length], [null, 0, 1]);
});

test("readMemory() refuses a damaged file rather than forget the cluster", async (path) => {
  await Deno.writeTextFile(`${path}/state.json`, '{"cluster":');
  await assertRejects(() => readMemory(path, "n1"), Error, "remove it to start unbound");
});
