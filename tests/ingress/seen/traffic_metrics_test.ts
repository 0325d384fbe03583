import { assertEquals, assertStrictEquals } from "@std/assert";
import { TrafficMetrics } from "../../../lib/ingress/seen/traffic_metrics.ts";
import { TrafficTotals } from "../../../lib/ingress/seen/traffic_totals.ts";

function labelsOf(metrics: TrafficMetrics): string[] {
  return metrics.takeBatch().map(({ kind, labels }) => [kind, ...labels].join(" "));
}

Deno.test("takeBatch() gives what has changed since the last one, and only that", () => {
  const metrics = new TrafficMetrics();
  const row = metrics.route("web", "0");
  metrics.route("web", "1");
  assertEquals(metrics.takeBatch(), []);
  row.answered(200, 3);
  metrics.edge.add("connections");
  assertEquals(labelsOf(metrics), ["route web 0", "edge"]);
  assertEquals(metrics.takeBatch(), []);
  row.answered(200, 3);
  assertEquals(metrics.takeBatch()[0]?.deltas[2], 1);
});

Deno.test("a batch can be posted to another thread", () => {
  const metrics = new TrafficMetrics();
  metrics.slot("web", 0).answered(200, 1);
  const batch = metrics.takeBatch();
  assertEquals(structuredClone(batch), batch);
});

Deno.test("route() and slot() give the same row again", () => {
  const metrics = new TrafficMetrics();
  assertStrictEquals(metrics.route("web", "0"), metrics.route("web", "0"));
  assertStrictEquals(metrics.slot("web", 0), metrics.slot("web", 0));
});

Deno.test("beyond a bound all share a row, until a service is deleted", () => {
  const metrics = new TrafficMetrics({ routesMax: 2, slotsMax: 1 });
  for (const name of ["a", "b", "c", "d"]) metrics.route("web", name).answered(200, 1);
  for (const slot of [0, 1, 2]) metrics.slot("web", slot).answered(200, 1);
  assertEquals(labelsOf(metrics), [
    "route web a",
    "route web b",
    "slot web 0",
    "route other other",
    "slot other other",
  ]);
  metrics.delete("web");
  metrics.delete("unknown");
  metrics.route("db", "0").answered(200, 1);
  assertEquals(labelsOf(metrics), ["route db 0"]);
});

Deno.test("a status that is none and one beyond 599 are counted apart", () => {
  const metrics = new TrafficMetrics();
  for (const status of [0, 99, 101, 204, 304, 404, 599, 600, 999]) metrics.route("web", "0").answered(status, 1);
  const totals = new TrafficTotals();
  totals.add(0, metrics.takeBatch());
  const codes = [...totals.text().matchAll(/requests_total\{.*code="(\w+)"\} (\d+)/g)].map((
    [, code, count],
  ) => [code, count]);
  assertEquals(codes, [["none", "4"], ["1xx", "1"], ["2xx", "1"], ["3xx", "1"], ["4xx", "1"], ["5xx", "1"]]);
});
