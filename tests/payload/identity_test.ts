import { assertEquals, assertMatch } from "@std/assert";
import { readIdentity } from "../../lib/payload/identity.ts";
import { seededRandom } from "../../lib/runtime/random.ts";

Deno.test("readIdentity() takes what the agent says", () => {
  const env = new Map(Object.entries({
    MUSTER_REPLICA: "r1",
    MUSTER_SERVICE: "web",
    MUSTER_INSTANCE: "i1",
    MUSTER_SLOT: "0",
    MUSTER_GENERATION: "4",
    MUSTER_NODE: "n1",
    MUSTER_NODE_ID: "id1",
    MUSTER_FENCE: "77",
    NODE_ADDRESS: "10.0.0.1",
  }));
  assertEquals(readIdentity(env, seededRandom(1)), {
    id: "r1",
    service: "web",
    instance: "i1",
    slot: 0,
    generation: 4,
    node: "n1",
    node_id: "id1",
    node_address: "10.0.0.1",
    fence: 77,
  });
});

Deno.test("readIdentity() makes an id when it runs alone, and leaves out what is no number", () => {
  const { id, slot } = readIdentity(new Map([["MUSTER_SLOT", "x"]]), seededRandom(1));
  assertMatch(id, /^[0-9a-f-]{36}$/);
  assertEquals(slot, undefined);
});
