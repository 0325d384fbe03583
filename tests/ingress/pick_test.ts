import { assertEquals } from "@std/assert";
import type { Endpoint } from "../../lib/cluster/endpoint.ts";
import { pick, snapshotOf } from "../../lib/ingress/pick.ts";

function endpoint(replica: string, suspect = false): Endpoint {
  return {
    replica,
    slot: 0,
    node: "n1",
    nodeUrl: "http://127.0.0.1:9090",
    port: 1,
    ports: {},
    tcp: [],
    fence: 1,
    suspect,
  };
}

function picked(endpoints: Endpoint[], out: string[] = []): (string | undefined)[] {
  const snapshot = snapshotOf(endpoints);
  const isOut = ({ replica }: Endpoint) => out.includes(replica);
  return [0, 1, 2, 3].map((turn) => pick(snapshot, { turn, isOut })?.replica);
}

Deno.test("pick() goes round all that are ready", () => {
  assertEquals(picked([endpoint("a"), endpoint("b"), endpoint("c")]), ["a", "b", "c", "a"]);
});

Deno.test("pick() leaves out who is out", () => {
  assertEquals(picked([endpoint("a"), endpoint("b"), endpoint("c")], ["b"]), ["a", "c", "c", "a"]);
});

Deno.test("pick() takes those on suspect nodes only when no other is left", () => {
  const endpoints = [endpoint("s", true), endpoint("a"), endpoint("t", true)];
  assertEquals(picked(endpoints), ["a", "a", "a", "a"]);
  assertEquals(picked(endpoints, ["a"]), ["s", "t", "s", "t"]);
});

Deno.test("pick() finds nobody where nobody is", () => {
  assertEquals(picked([]), [undefined, undefined, undefined, undefined]);
  assertEquals(picked([endpoint("a")], ["a"])[0], undefined);
});
