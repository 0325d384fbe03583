import { assertEquals } from "@std/assert";
import { Route, ROUTE_USUAL } from "../../../lib/cluster/route.ts";
import { compileRoute } from "../../../lib/ingress/routing/compiled_route.ts";

Deno.test("compileRoute() turns durations into numbers", () => {
  const route = Route.parse({
    host: "web.example.org",
    path: "/api",
    total_timeout: "2m",
    queue: { timeout: "250ms" },
    slow_start: "10s",
    hsts: "365d",
    rate: { requests: 20, per: "1m", by: "route" },
  });
  assertEquals(compileRoute("web", route), {
    id: "web web.example.org/api",
    service: "web",
    route,
    connectTimeoutMs: 3_000,
    timeoutMs: 30_000,
    idleTimeoutMs: 60_000,
    totalTimeoutMs: 120_000,
    tunnelTimeoutMs: 3_600_000,
    queueTimeoutMs: 250,
    slowStartMs: 10_000,
    ejectionMs: 10_000,
    rate: { requests: 20, perMs: 60_000, burst: 20, by: "route" },
    hstsSeconds: 31_536_000,
  });
});

Deno.test("compileRoute() leaves out what a route leaves out", () => {
  const { id, totalTimeoutMs, rate, hstsSeconds } = compileRoute("web", ROUTE_USUAL);
  assertEquals({ id, totalTimeoutMs, rate, hstsSeconds }, {
    id: "web */",
    totalTimeoutMs: undefined,
    rate: undefined,
    hstsSeconds: undefined,
  });
});

Deno.test("compileRoute() takes the burst that is given", () => {
  const route = Route.parse({ rate: { requests: 5, burst: 50 } });
  assertEquals(compileRoute("web", route).rate, { requests: 5, perMs: 1_000, burst: 50, by: "address" });
});
