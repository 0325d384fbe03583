import { assertEquals } from "@std/assert";
import type { Endpoint } from "../../lib/cluster/endpoint.ts";
import { EJECTED_MS, EndpointTable } from "../../lib/ingress/table.ts";

function endpoint(replica: string, over: Partial<Endpoint> = {}): Endpoint {
  const nodeUrl = "http://127.0.0.1:9090";
  return { replica, slot: 0, node: "n1", nodeUrl, port: 1, ports: {}, tcp: [], fence: 1, suspect: false, ...over };
}

const [a, b] = [endpoint("a"), endpoint("b")];

function tableOf(...endpoints: Endpoint[]): EndpointTable {
  const table = new EndpointTable();
  table.replace("web", endpoints);
  return table;
}

function chosen(table: EndpointTable, nowMs: number): Set<string | undefined> {
  return new Set([1, 2, 3, 4].map(() => table.choose("web", { nowMs })?.replica));
}

Deno.test("an ejected replica is out at once, and back after its time", () => {
  const table = tableOf(a, b);
  table.eject("web", a, { nowMs: 100 });
  assertEquals(chosen(table, 100), new Set(["b"]));
  assertEquals(chosen(table, 100 + EJECTED_MS - 1), new Set(["b"]));
  assertEquals(chosen(table, 100 + EJECTED_MS), new Set(["a", "b"]));
});

Deno.test("an ejected replica stays out when only others have changed, or its node's liveness", () => {
  const table = tableOf(a, b);
  table.eject("web", a, { nowMs: 0 });
  table.replace("web", [{ ...a, suspect: true }, b, endpoint("c")]);
  assertEquals(chosen(table, 1), new Set(["b", "c"]));
});

Deno.test("an ejected replica is back as soon as it has changed", () => {
  for (const change of [{ port: 2 }, { fence: 2 }, { nodeUrl: "http://10.0.0.2:9090" }]) {
    const table = tableOf(a, b);
    table.eject("web", a, { nowMs: 0 });
    table.replace("web", [{ ...a, ...change }, b]);
    assertEquals(chosen(table, 1), new Set(["a", "b"]));
  }
});

Deno.test("an ejected replica that was away and is back may be chosen", () => {
  const table = tableOf(a, b);
  table.eject("web", a, { nowMs: 0 });
  table.replace("web", [b]);
  table.replace("web", [a, b]);
  assertEquals(chosen(table, 1), new Set(["a", "b"]));
});

Deno.test("an ejection that comes too late for its endpoint is nothing", () => {
  const table = tableOf({ ...a, port: 2 }, b);
  table.eject("web", a, { nowMs: 0 });
  table.eject("nothing", a, { nowMs: 0 });
  assertEquals(chosen(table, 1), new Set(["a", "b"]));
});

Deno.test("choose() keeps its turn over replacements, and never gives the one to exclude", () => {
  const table = tableOf(a, b);
  assertEquals(table.choose("web", { nowMs: 0 })?.replica, "a");
  table.replace("web", [a, b]);
  assertEquals(table.choose("web", { nowMs: 0 })?.replica, "b");
  assertEquals(table.choose("web", { nowMs: 0, exclude: "a" })?.replica, "b");
  assertEquals(table.choose("other", { nowMs: 0 }), undefined);
});

Deno.test("whoever attends to a replica is told when its node is lost, and when it is withdrawn from one that answers", () => {
  const table = tableOf(a, b);
  const told: string[] = [];
  const leave = table.attend("a", (how) => told.push(`a ${how}`));
  table.attend("b", (how) => told.push(`b ${how}`));
  table.replace("web", [{ ...a, suspect: true }]);
  assertEquals(told, ["b withdrawn"]);
  table.replace("web", []);
  assertEquals(told, ["b withdrawn", "a lost"]);
  table.replace("web", [a]);
  leave();
  table.replace("web", []);
  assertEquals(told, ["b withdrawn", "a lost"]);
});
