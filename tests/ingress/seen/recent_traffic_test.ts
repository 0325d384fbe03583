import { assertEquals } from "@std/assert";
import { RecentTraffic } from "../../../lib/ingress/seen/recent_traffic.ts";
import { TrafficMetrics } from "../../../lib/ingress/seen/traffic_metrics.ts";
import { INTERVAL_MS, INTERVALS_MAX } from "../../../lib/ingress/seen/traffic_ring.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";

function recentAt() {
  let nowMs = 0;
  const recent = new RecentTraffic({ ...systemClock, now: () => nowMs, wall: () => 1_000_000 + nowMs });
  const pass = (intervals: number) => nowMs += intervals * INTERVAL_MS;
  return { recent, pass };
}

Deno.test("what the proxy and the threads have counted is told of together", () => {
  const { recent, pass } = recentAt();
  recent.answered("web", { status: 200, tookMs: 8 });
  recent.answered("web", { status: 503, tookMs: 1 });
  const metrics = new TrafficMetrics();
  const row = metrics.route("web", "/");
  row.answered(200, 10_000);
  row.head(8);
  row.answered(500, 3);
  row.answered(0, 3);
  metrics.route("api", "/").passed(1, 1);
  recent.counted(metrics.takeBatch());
  pass(1);
  const [point, ...others] = recent.of("web").points;
  assertEquals(others, []);
  assertEquals([point?.endMs, point?.requests, point?.errors], [1_000_000 + INTERVAL_MS, 5, 3]);
  assertEquals(point!.p99Ms! > 5 && point!.p99Ms! <= 10, true);
  assertEquals(recent.of("api").points.map(({ requests }) => requests), [0]);
});

Deno.test("points begin with the count, and are as many as are kept", () => {
  const { recent, pass } = recentAt();
  assertEquals(recent.of("web").points, []);
  pass(2);
  recent.answered("web", { status: 200, tookMs: 1 });
  pass(1);
  assertEquals(recent.of("web").points.map(({ requests }) => requests), [0, 0, 1]);
  pass(10 * INTERVALS_MAX);
  const { points } = recent.of("web");
  assertEquals([points.length, points.some(({ requests }) => requests > 0)], [INTERVALS_MAX, false]);
});

Deno.test("what is said of a service that was deleted is no more", () => {
  const { recent, pass } = recentAt();
  recent.answered("web", { status: 200, tookMs: 1 });
  recent.delete("web");
  pass(1);
  assertEquals(recent.of("web").points.map(({ requests }) => requests), [0]);
});
