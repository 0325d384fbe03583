import { assertEquals, assertStringIncludes } from "@std/assert";
import { Health } from "../../lib/cluster/health.ts";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { runsAlike } from "../../lib/cluster/spec_change.ts";
import { checkedPort, questionOf } from "../../lib/cluster/tcp_route.ts";
import { specNamed } from "../support/builders.ts";

const PORTS = { api: 8_008, metrics: 0 };

function refusals(tcp: unknown): string[] {
  const parsed = ServiceSpec.safeParse({ name: "db", command: ["db"], ports: PORTS, tcp });
  return (parsed.error?.issues ?? []).map((issue) => `/${issue.path.join("/")}: ${issue.message}`);
}

Deno.test("a TCP route says little: the rest is filled in", () => {
  const { tcp } = specNamed("db", { ports: PORTS, tcp: [{ port: 5_432, check: { http: "/primary", port: 8_008 } }] });
  assertEquals(tcp, [{
    port: 5_432,
    target: "main",
    balance: "least_conn",
    check: { http: "/primary", port: 8_008, interval: "1s", timeout: "500ms", unhealthy_after: 3, healthy_after: 1 },
    proxy_protocol: { accept: false, send: false },
    connections_max: 1_024,
    connect_timeout: "3s",
    idle_timeout: "1h",
  }]);
});

Deno.test("a TCP route takes whatever is in range", () => {
  const routes = [
    { port: 1, target: "metrics", balance: "round_robin", connections_max: 1, connect_timeout: "1ms" },
    { port: 65_535, balance: "two_choices", connections_max: 100_000, idle_timeout: "1ms" },
    { port: 2, balance: { hash: "source" }, proxy_protocol: { accept: true, send: true } },
    { port: 3, check: { tcp: true, port: "metrics", interval: "10ms", timeout: "10ms" } },
    { port: 4, check: { http: "/replica?lag=1MB", status: ["200-204", 301], body: "ok", port: "main" } },
    { port: 5, check: { tcp: true, unhealthy_after: 100, healthy_after: 100 } },
  ];
  assertEquals(refusals(routes), []);
});

const NAMES = 'there are "main", "api", "metrics"';
const HTTP = { http: "/primary" };

for (
  const [fields, where, why] of [
    [{ port: undefined }, "/tcp/0/port", "a port from 1 to 65535"],
    [{ port: 0 }, "/tcp/0/port", "a port from 1 to 65535"],
    [{ port: 65_536 }, "/tcp/0/port", "a port from 1 to 65535"],
    [{ port: 1.5 }, "/tcp/0/port", "a port from 1 to 65535"],
    [{ port: "5432" }, "/tcp/0/port", "a port from 1 to 65535"],
    [{ target: "pg" }, "/tcp/0/target", `no port of this name; ${NAMES}`],
    [{ target: 8_008 }, "/tcp/0/target", "string"],
    [{ balance: "peak_ewma" }, "/tcp/0/balance", 'one of "round_robin"'],
    [{ balance: { hash: "cookie:a" } }, "/tcp/0/balance", 'one of "round_robin"'],
    [{ balance: { hash: "source", more: 1 } }, "/tcp/0/balance", "more"],
    [{ check: {} }, "/tcp/0/check", 'exactly one of "http" and "tcp"'],
    [{ check: { ...HTTP, tcp: true } }, "/tcp/0/check", 'exactly one of "http" and "tcp"'],
    [{ check: { tcp: false } }, "/tcp/0/check/tcp", "true"],
    [{ check: { tcp: true, status: 200 } }, "/tcp/0/check/status", 'only an "http" check'],
    [{ check: { tcp: true, body: "x" } }, "/tcp/0/check/body", 'only an "http" check'],
    [{ check: { http: "primary" } }, "/tcp/0/check/http", 'starts with "/"'],
    [{ check: { ...HTTP, status: 199 } }, "/tcp/0/check/status", "from 200 to 599"],
    [{ check: { ...HTTP, body: "" } }, "/tcp/0/check/body", "1"],
    [{ check: { ...HTTP, command: ["x"] } }, "/tcp/0/check", "command"],
    [{ check: { ...HTTP, start_period: "1s" } }, "/tcp/0/check", "start_period"],
    [{ check: { ...HTTP, port: "pg" } }, "/tcp/0/check/port", `no port of this name; ${NAMES}`],
    [{ check: { ...HTTP, port: 5_432 } }, "/tcp/0/check/port", `no port fixed to this number; ${NAMES}`],
    [{ check: { ...HTTP, port: 0 } }, "/tcp/0/check/port", "a port from 1 to 65535"],
    [{ check: { ...HTTP, port: true } }, "/tcp/0/check/port", "the name of one of the replica's ports"],
    [{ check: { ...HTTP, interval: "9ms" } }, "/tcp/0/check/interval", "at least 10ms"],
    [{ check: { ...HTTP, timeout: "0s" } }, "/tcp/0/check/timeout", "at least 10ms"],
    [{ check: { ...HTTP, unhealthy_after: 0 } }, "/tcp/0/check/unhealthy_after", "1"],
    [{ check: { ...HTTP, healthy_after: 101 } }, "/tcp/0/check/healthy_after", "100"],
    [{ proxy_protocol: true }, "/tcp/0/proxy_protocol", "object"],
    [{ proxy_protocol: { accept: "yes" } }, "/tcp/0/proxy_protocol/accept", "boolean"],
    [{ proxy_protocol: { sent: true } }, "/tcp/0/proxy_protocol", "sent"],
    [{ connections_max: 0 }, "/tcp/0/connections_max", "1"],
    [{ connections_max: 100_001 }, "/tcp/0/connections_max", "100000"],
    [{ connect_timeout: "0s" }, "/tcp/0/connect_timeout", "at least 1ms"],
    [{ connect_timeout: 3 }, "/tcp/0/connect_timeout", "string"],
    [{ idle_timeout: "0ms" }, "/tcp/0/idle_timeout", "at least 1ms"],
    [{ idle_timeout: "long" }, "/tcp/0/idle_timeout", "long"],
    [{ queue: {} }, "/tcp/0", "queue"],
  ] as const
) {
  Deno.test(`a TCP route with ${JSON.stringify(fields)} is refused at ${where}`, () => {
    const [first = ""] = refusals([Object.assign({ port: 5_432 }, fields)]);
    assertEquals(first.split(": ")[0], where);
    assertStringIncludes(first, why);
  });
}

Deno.test("a spec with a port of the ingress twice is refused, and so is one with too many", () => {
  assertEquals(refusals([{ port: 1 }, { port: 2 }, { port: 1 }]), [
    "/tcp/2/port: port 1 is given twice, here and in /tcp/0",
  ]);
  assertEquals(refusals(Array.from({ length: 33 }, (_, at) => ({ port: at + 1 })))[0]?.startsWith("/tcp: "), true);
});

Deno.test("checkedPort() gives the name of what is asked: a name, a fixed number, or the target", () => {
  const spec = specNamed("db", {
    ports: PORTS,
    tcp: [
      { port: 1, check: { tcp: true, port: 8_008 } },
      { port: 2, check: { tcp: true, port: "metrics" } },
      { port: 3, check: { tcp: true }, target: "api" },
      { port: 4 },
    ],
  });
  assertEquals(spec.tcp.map((route) => checkedPort(spec, route)), ["api", "metrics", "api", "main"]);
});

Deno.test("questionOf() makes a check one of health, without any patience at its start", () => {
  const [route] =
    specNamed("db", { ports: PORTS, tcp: [{ port: 1, check: { http: "/p", port: 8_008, body: "x" } }] }).tcp;
  const question = route?.check && questionOf(route.check);
  assertEquals(question, Health.parse({ http: "/p", body: "x", start_period: "0s" }));
});

Deno.test("runsAlike() holds for specs that differ in how the ingress leads to them", () => {
  const [plain, reached] = [specNamed("db"), specNamed("db", { tcp: [{ port: 1 }], routes: [{ host: "db.test" }] })];
  assertEquals(runsAlike(plain, reached), true);
});
