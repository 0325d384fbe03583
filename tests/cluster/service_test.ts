import { assert, assertEquals } from "@std/assert";
import { ServiceSpec, WireSpec } from "../../lib/cluster/service.ts";
import { HISTORY_MAX, nextGeneration, specOf } from "../../lib/cluster/service_record.ts";
import { service, specNamed } from "../support/builders.ts";

const ARTIFACT = { sha256: "a".repeat(64) };

/** What is wrong with a spec: where, and the reason. */
function refusals(fields: Record<string, unknown>): string[] {
  const parsed = ServiceSpec.safeParse({ name: "web", command: ["web"], ...fields });
  return (parsed.error?.issues ?? []).map((issue) => `/${issue.path.join("/")}: ${issue.message}`);
}

Deno.test("ServiceSpec fills in what an operator leaves out, with durations as strings", () => {
  assertEquals(ServiceSpec.parse({ name: "web", command: ["web"], health: { tcp: true } }), {
    name: "web",
    command: ["web"],
    env: {},
    files: {},
    data: { per_slot: false },
    ports: {},
    replicas: 1,
    resources: { cpu: 0, memory: 0 },
    health: {
      tcp: true,
      interval: "1s",
      timeout: "500ms",
      start_period: "30s",
      unhealthy_after: 3,
      healthy_after: 1,
    },
    restart: { backoff: "1s", backoff_max: "60s", attempts: 5, window: "5m" },
    update: {
      strategy: "rolling",
      max_surge: 1,
      max_unavailable: 0,
      min_healthy: "5s",
      deadline: "5m",
      canary: 0,
      auto_promote: false,
      auto_rollback: true,
    },
    stop: { signal: "SIGTERM", timeout: "10s", drain: "10s" },
    placement: { strategy: "spread", constraints: [], affinity: [], sticky: false },
    priority: 50,
    routes: [],
    tcp: [],
    logs: { max_size: "10MiB", max_files: 5, keep: "7d" },
  });
});

const NAMES_REFUSED = [
  "",
  "-web",
  "web-",
  "Web",
  "web.1",
  "web/1",
  "..",
  "we b",
  "web\n",
  "web\0",
  "wéb",
  "w".repeat(64),
  "w".repeat(300),
  3,
  null,
];
const NAMES_TAKEN = ["w", "web", "web-1", "1", "0a", "w".repeat(63), "a--b", "constructor"];

Deno.test("ServiceSpec refuses names that are no DNS label", () => {
  for (const name of NAMES_REFUSED) assert(refusals({ name }).length > 0, `"${name}" was taken`);
  for (const name of NAMES_TAKEN) assertEquals(refusals({ name }), [], name);
});

const FIELDS_REFUSED: [Record<string, unknown>, string][] = [
  [{ command: [] }, "/command"],
  [{ command: [""] }, "/command"],
  [{ command: "web --port 1" }, "/command"],
  [{ command: ["web", "a\0b"] }, "/command/1"],
  [{ command: ["web", 3] }, "/command/1"],
  [{ command: ["web", "x".repeat(8_193)] }, "/command/1"],
  [{ command: Array.from({ length: 201 }, () => "x") }, "/command"],
  [{ env: { "A=B": "1" } }, "/env/A=B"],
  [{ env: { "": "1" } }, "/env/"],
  [{ env: { "1A": "1" } }, "/env/1A"],
  [{ env: { "A\n": "1" } }, "/env/A\n"],
  [{ env: { A: 1 } }, "/env/A"],
  [{ env: { A: "\0" } }, "/env/A"],
  [{ env: Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`A${at}`, ""])) }, "/env"],
  [{ replicas: -1 }, "/replicas"],
  [{ replicas: 1.5 }, "/replicas"],
  [{ replicas: "3" }, "/replicas"],
  [{ replicas: 10_001 }, "/replicas"],
  [{ replicas: 2 ** 53 }, "/replicas"],
  [{ replicas: NaN }, "/replicas"],
  [{ resources: { cpu: -1 } }, "/resources/cpu"],
  [{ resources: { memory: Infinity } }, "/resources/memory"],
  [{ health: {} }, "/health"],
  [{ health: { http: "/", tcp: true } }, "/health"],
  [{ health: { http: "readyz" } }, "/health/http"],
  [{ health: { http: "/a b" } }, "/health/http"],
  [{ health: { http: "/\r\nX: y" } }, "/health/http"],
  [{ health: { tcp: false } }, "/health/tcp"],
  [{ health: { http: "/", interval: "1" } }, "/health/interval"],
  [{ health: { http: "/", interval: 1_000 } }, "/health/interval"],
  [{ health: { http: "/", interval: "0s" } }, "/health/interval"],
  [{ health: { http: "/", timeout: "0ms" } }, "/health/timeout"],
  [{ health: { http: "/", timeout: "61s" } }, "/health/timeout"],
  [{ liveness: { command: ["x"], timeout: "30d" } }, "/liveness/timeout"],
  [{ health: { http: "/", unhealthy_after: 0 } }, "/health/unhealthy_after"],
  [{ health: { tcp: true, status: 200 } }, "/health/status"],
  [{ health: { command: ["x"], body: "ok" } }, "/health/body"],
  [{ health: { command: ["x"], port: "main" } }, "/health/port"],
  [{ health: { http: "/", port: "metrics" } }, "/health/port"],
  [{ ports: { metrics: 0 }, liveness: { tcp: true, port: "metric" } }, "/liveness/port"],
  [{ startup: { tcp: true, port: "toString" } }, "/startup/port"],
  [{ health: { http: "/", status: 199 } }, "/health/status"],
  [{ health: { http: "/", status: 600 } }, "/health/status"],
  [{ health: { http: "/", status: "299-200" } }, "/health/status"],
  [{ health: { http: "/", status: "2xx" } }, "/health/status"],
  [{ health: { http: "/", status: [] } }, "/health/status"],
  [{ health: { http: "/", status: [200, "x"] } }, "/health/status"],
  [{ health: { http: "/", body: "" } }, "/health/body"],
  [{ health: { http: "/", body: "x".repeat(1_025) } }, "/health/body"],
  [{ liveness: {} }, "/liveness"],
  [{ startup: { http: "/", tcp: true } }, "/startup"],
  [{ startup: { http: "/", restarts: 3 } }, "/startup"],
  [{ placement: { strategy: "random" } }, "/placement/strategy"],
  [{ placement: { spread_by: "a b" } }, "/placement/spread_by"],
  [{ placement: { constraints: "zone == a" } }, "/placement/constraints"],
  [{ placement: { constraints: ["zone == a", "zone = a"] } }, "/placement/constraints/1"],
  [{ placement: { constraints: ["zone == a *5"] } }, "/placement/constraints/0"],
  [{ placement: { constraints: Array(21).fill("zone == a") } }, "/placement/constraints"],
  [{ placement: { affinity: ["zone == a *101"] } }, "/placement/affinity/0"],
  [{ placement: { affinity: [`zone == ${"a".repeat(500)}`] } }, "/placement/affinity/0"],
  [{ placement: { sticky: "yes" } }, "/placement/sticky"],
  [{ priority: -1 }, "/priority"],
  [{ priority: 101 }, "/priority"],
  [{ priority: 0.5 }, "/priority"],
  [{ stop: { command: [] } }, "/stop/command"],
  [{ stop: { command: "quit" } }, "/stop/command"],
  [{ stop: { drain: "-1s" } }, "/stop/drain"],
  [{ stop: { drain: 10 } }, "/stop/drain"],
  [{ restart: { backoff: "-1s" } }, "/restart/backoff"],
  [{ restart: { backoff: "0s" } }, "/restart/backoff"],
  [{ restart: { backoff: "1.5s" } }, "/restart/backoff"],
  [{ restart: { backoff_max: "0s" } }, "/restart/backoff_max"],
  [{ restart: { window: "0s" } }, "/restart/window"],
  [{ restart: { window: "9s" } }, "/restart/window"],
  [{ restart: { attempts: -1 } }, "/restart/attempts"],
  [{ stop: { timeout: "forever" } }, "/stop/timeout"],
  [{ stop: { signal: "SIGKILL" } }, "/stop/signal"],
  [{ placement: { max_per_node: 0 } }, "/placement/max_per_node"],
  [{ cwd: "srv/web" }, "/cwd"],
  [{ cwd: "../web", artifact: ARTIFACT }, "/cwd"],
  [{ cwd: "web/../..", artifact: ARTIFACT }, "/cwd"],
  [{ cwd: "web//x", artifact: ARTIFACT }, "/cwd"],
  [{ artifact: { sha256: "5FECEB" } }, "/artifact/sha256"],
  [{ artifact: { ...ARTIFACT, url: "https://a.example/web.tar.gz" } }, "/artifact"],
  [{ cwd: "" }, "/cwd"],
  [{ cwd: "/a\0b" }, "/cwd"],
  [{ data: { per_slot: "yes" } }, "/data/per_slot"],
  [{ data: true }, "/data"],
  [{ ports: { metrics: -1 } }, "/ports/metrics/port"],
  [{ ports: { metrics: 65_536 } }, "/ports/metrics/port"],
  [{ ports: { metrics: "80" } }, "/ports/metrics"],
  [{ ports: { metrics: { expose: "world" } } }, "/ports/metrics/expose"],
  [{ ports: { main: 0 } }, "/ports/main"],
  [{ ports: { "": 0 } }, "/ports/"],
  [{ ports: { "a/b": 0 } }, "/ports/a/b"],
  [{ ports: { a_b: 0 } }, "/ports/a_b"],
  [{ ports: { "a\n": 0 } }, "/ports/a\n"],
  [{ ports: { A: 0 } }, "/ports/A"],
  [{ ports: { ["x".repeat(33)]: 0 } }, "/ports/x"],
  [{ ports: { a: 80, b: { port: 80 } } }, "/ports"],
  [{ ports: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`a${at}`, 0])) }, "/ports"],
  ...["", "..", ".", ".conf", "a/b", "../a", "a\\b", "a\nb", "a\0", "-a", "ä", "x".repeat(129)].map(
    (name): [Record<string, unknown>, string] => [{ files: { [name]: { template: "" } } }, `/files/${name}`],
  ),
  [{ files: { a: "text" } }, "/files/a"],
  [{ files: { a: {} } }, "/files/a/template"],
  [{ files: { a: { template: "x".repeat(65_537) } } }, "/files/a/template"],
  [{ files: Object.fromEntries([1, 2, 3].map((at) => [`a${at}`, { template: "x".repeat(50_000) }])) }, "/files"],
  [{ files: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`a${at}`, { template: "" }])) }, "/files"],
];

for (const [fields, where] of FIELDS_REFUSED) {
  Deno.test(`ServiceSpec refuses ${JSON.stringify(fields).slice(0, 60)} at ${JSON.stringify(where)}`, () => {
    const found = refusals(fields);
    assert(found.some((line) => line.startsWith(where)), `found ${found.join("; ") || "nothing"}`);
  });
}

Deno.test("ServiceSpec names a field that does not exist, at every depth", () => {
  const cases = [
    { replica: 3 },
    { health: { http: "/", path: "/" } },
    { stop: { grace: "1s" } },
    { ports: { pg: { number: 3 } } },
    { files: { a: { template: "", mode: 3 } } },
    { data: { slot: true } },
  ];
  for (const fields of cases) {
    assert(refusals(fields).some((line) => line.includes("nrecognized key")), JSON.stringify(fields));
  }
});

Deno.test("ServiceSpec takes a port's number alone, and gives back what it takes again", () => {
  const spec = ServiceSpec.parse({
    name: "web",
    command: ["web"],
    ports: { metrics: 0, "a-b": 81, pg: { port: 5_432, expose: "node" }, any: {} },
    files: { "app.conf": { template: "listen ${PORT}" } },
    data: { per_slot: true },
    cwd: "/srv/web",
  });
  assertEquals(spec.ports, {
    metrics: { port: 0 },
    "a-b": { port: 81 },
    pg: { port: 5_432, expose: "node" },
    any: { port: 0 },
  });
  assertEquals(ServiceSpec.parse(spec), spec);
  assertEquals(ServiceSpec.safeParse({ ...spec, cwd: "C:\\srv" }).success, true);
  assertEquals(ServiceSpec.safeParse({ ...spec, cwd: "packages/..web", artifact: ARTIFACT }).success, true);
});

Deno.test("WireSpec takes what an older controller does not send", () => {
  const { ports: _ports, files: _files, data: _data, ...older } = specNamed("web");
  assertEquals(WireSpec.parse({ ...older, newer: { field: 1 } }), specNamed("web"));
});

Deno.test("ServiceSpec takes no prototype from a body", () => {
  const parsed = ServiceSpec.safeParse(JSON.parse('{"name":"web","command":["web"],"env":{"__proto__":"x"}}'));
  assertEquals(Object.getPrototypeOf(parsed.data?.env ?? {}), Object.prototype);
  const polluted = ServiceSpec.safeParse(JSON.parse('{"name":"web","command":["web"],"__proto__":{"replicas":9}}'));
  assertEquals(polluted.data?.replicas ?? 1, 1);
});

Deno.test("nextGeneration() keeps the former spec, and no more of them than the limit", () => {
  let record = service("web", 2);
  for (let n = 1; n <= HISTORY_MAX + 5; n++) {
    record = nextGeneration(record, specNamed("web", { env: { N: String(n) }, replicas: n }));
  }
  assertEquals(record.generation, HISTORY_MAX + 6);
  assertEquals(record.desired, HISTORY_MAX + 5);
  assertEquals(record.history.length, HISTORY_MAX);
  assertEquals(record.history.at(-1)?.generation, HISTORY_MAX + 5);
});

Deno.test("specOf() gives the spec of a generation, and the present one when that is no longer kept", () => {
  const record = nextGeneration(service("web", 2, { env: { N: "1" } }), specNamed("web", { env: { N: "2" } }));
  assertEquals(specOf(record, 1).env, { N: "1" });
  assertEquals(specOf(record, 2).env, { N: "2" });
  assertEquals(specOf(record, 7).env, { N: "2" });
});
