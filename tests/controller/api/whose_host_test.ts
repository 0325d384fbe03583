import { assertEquals } from "@std/assert";
import { otherOwner } from "../../../lib/controller/api/whose_host.ts";
import { idOf } from "../../support/builders.ts";

const [A, B] = [idOf("agent", 1), idOf("agent", 2)];
const HOSTS = {
  controller: ["10.0.0.1", "muster.example", "[fd00::1]"],
  nodes: [
    { record: { identity: A, name: "a", url: "https://10.0.0.2:9090" } },
    { record: { identity: B, name: "b", url: "https://b.example:9090" } },
  ],
};
const NAMES: Record<string, string[]> = { "b.example": ["10.0.0.3"], "muster.example": ["10.0.0.1"] };
const options = { lookup: (name: string) => Promise.resolve(NAMES[name] ?? []) };

/** Whose host it is, when A claims it from an address. */
function owner(host: string, from = "10.0.0.2"): Promise<string | undefined> {
  return otherOwner({ identity: A, url: `https://${host}:9091`, from }, HOSTS, options);
}

Deno.test("a node may call its own host its own, and one that is nobody's", async () => {
  assertEquals(await owner("10.0.0.2"), undefined);
  assertEquals(await owner("10.0.0.2", "203.0.113.1"), undefined, "seen from behind a translation of addresses");
  assertEquals(await owner("10.0.0.9"), undefined);
});

Deno.test("the controller's host and another node's are for who comes from there", async () => {
  for (const host of ["10.0.0.1", "muster.example", "MUSTER.example", "[fd00::1]"]) {
    assertEquals([host, await owner(host)], [host, "the controller"]);
  }
  assertEquals(await owner("b.example"), "node b");
  assertEquals(await owner("b.example", "10.0.0.3"), undefined);
  assertEquals(await owner("b.example", "::ffff:10.0.0.3"), undefined);
  assertEquals(await owner("muster.example", "10.0.0.1"), undefined);
});

Deno.test("who comes over loopback is on the controller's host, and nowhere else", async () => {
  for (const host of ["10.0.0.1", "muster.example", "[fd00::1]"]) {
    assertEquals(await owner(host, "127.0.0.1"), undefined);
  }
  assertEquals(await owner("b.example", "127.0.0.1"), "node b");
});
