/**
 * What operators send by mistake: every field of a spec, wrong in every way, and texts that are nothing at all. The
 * answer is always a success or a problem that says where, and after a refusal the state is what it was before.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { Problem, PROBLEM_MEDIA_TYPE } from "../../lib/wire/problem.ts";
import { type Harness, startApi } from "../controller/api/harness.ts";
import { whenGranted } from "../support/granted.ts";

const GOOD = { name: "web", command: ["x"] };
/** Each is of the wrong type for some field; where it is right, the table says so by leaving it out. */
const NEITHER = [null, -1, 1.5, "x y", true, [[]], [{}], { unknown: 1 }];

/** Wrong values by the path of their field. */
const WRONG: Record<string, unknown[]> = {
  name: [...NEITHER, 3, "", "Web", "-a", "a-", "a.b", "a/b", "..", "a\nb", "a\0", "é", "x".repeat(64)],
  command: [...NEITHER, [], [""], [3], ["a\0b"], ["x".repeat(8_193)], Array(201).fill("a")],
  env: [null, 1, "A=1", ["A"], { "1A": "x" }, { "A-B": "x" }, { "": "x" }, { A: 1 }, { A: null }, { A: "\0" }],
  cwd: [...NEITHER, "", "web", "./web", "/a\0", `/${"x".repeat(4_096)}`],
  files: [null, 1, "a", [1], { "../a": { template: "" } }, { "/a": { template: "" } }, { a: "text" }, { a: {} }],
  data: [null, 1, "per_slot", [], { per_slot: "yes" }, { per_slots: true }],
  ports: [null, 1, [80], { A: 0 }, { main: 0 }, { a: -1 }, { a: 65_536 }, { a: "80" }, { a: { expose: "all" } }],
  "ports ": [{ a: 80, b: 80 }, Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`p${at}`, 0]))],
  artifact: [null, 1, "x", [], {}, { sha256: "abc" }, { sha256: "A".repeat(64) }, { sha256: 1 }, { url: "https://a" }],
  "artifact ": [{ sha256: "0".repeat(64), url: "https://a/b.tar.gz" }, { sha256: "0".repeat(64), sha: "1" }],
  logs: [null, 1, "10MiB", [], { max: 1 }, { max_files: 1 }, { max_files: 101 }, { max_files: 2.5 }, { keep: "7" }],
  "logs.max_size": [10, "10", "10MB ", "1KiB", "2GiB", "-1MiB", "", null],
  replicas: [...NEITHER, "3", 10_001, 1e9, 2 ** 53, 1e308],
  "resources.cpu": [null, -0.1, "1", 4_097, [], true],
  "resources.memory": [null, -1, "128MiB", 16_777_217],
  resources: [null, 1, [], { cpus: 1 }],
  health: [null, 1, "http", [], {}, { http: "/", tcp: true }, { tcp: false }, { http: "readyz" }, { http: "/ x" }],
  "health ": [{ command: [] }, { tcp: true, status: 200 }, { tcp: true, body: "ok" }, { http: "/", port: "nope" }],
  liveness: [1, {}, { http: "/", interval: "0s" }, { http: "/", timeout: "1" }, { http: "/", unhealthy_after: 0 }],
  startup: [1, {}, { http: "/", healthy_after: 101 }, { http: "/", start_period: "-1s" }, { http: "/", status: 99 }],
  "restart.backoff": [1, "", "1", "1x", "-1s", "1ms", null],
  "restart.attempts": [-1, 1_001, 0.5, "5"],
  "restart.window": ["9s", "0s", 10],
  restart: [null, "always", [], { retries: 3 }],
  "update.strategy": ["canary", "", null, 1],
  "update.max_surge": [-1, 1.5, "25", "101%", "-1%", "1.5%", null, 10_001],
  "update.max_unavailable": [-1, "half", true],
  "update.min_healthy": ["5", -5, null, "5m"],
  "update.deadline": ["0s", "1ms", 1, "5s"],
  "update.canary": [-1, 0.5, "1", 10_001],
  "update.auto_rollback": ["no", 0, null],
  update: [null, [], { max_surge: 0, max_unavailable: 0 }, { max_surge: "0%", max_unavailable: 0 }, { surge: 1 }],
  "update ": [{ strategy: "blue_green", canary: 1 }],
  "stop.signal": ["SIGKILL", "TERM", 15, null],
  "stop.timeout": [10, "10", null],
  stop: [null, "SIGTERM", { sig: "SIGTERM" }],
  on_isolation: [null, "stop", { stop_after: "1s" }, { stop_after: 15 }, { after: "15s" }],
  "placement.max_per_node": [0, -1, 1.5, "2", null],
  "placement.strategy": ["random", 1, null],
  "placement.constraints": ["zone == a", [1], ["zone ="], ["== a"], [""], Array(21).fill("zone == a")],
  placement: [null, 1, [], { max_per_nod: 1 }],
  priority: [-1, 101, 1.5, "high", null],
  "routes.0.host": ["Web.example.org", "a b", "http://a", "a:80", "*", "*.*.a", "a..b", 1, null, "x".repeat(254)],
  "routes.0.path": ["", "web", "/a/", "/a//b", "/a/../b", "/a?b", "/a%20b", "/a;b", "/\\", 1, null],
  "routes.0.headers": [null, 1, [], { "": "x" }, { "a b": "x" }, { a: 1 }, { a: "x\ny" }],
  "routes.0.query": [null, 1, { a: 1 }, { "a\0": "x" }],
  "routes.0.weight": [-1, 1.5, 1_001, "50"],
  "routes.0.redirect": [null, "x", {}, { to: "" }, { to: "ftp://a" }, { to: "//a" }, { to: "/a b" }, {
    to: "/",
    status: 200,
  }],
  "routes.0.balance": ["random", null, {}, { hash: "ip" }, { hash: "header:" }, { hash: "cookie:a b" }],
  "routes.0.sticky": ["yes", {}, { cookie: "a b" }, { cookie: "" }],
  "routes.0.ejection": [{ failures: 0 }, { share: 2 }, { for: "0" }, { after: 1 }],
  "routes.0.connections_max": [0, -1, 1.5, "10", 100_001],
  "routes.0.queue": [{ length: -1 }, { timeout: 5 }, { max: 1 }],
  "routes.0.retries": [-1, 11, 0.5, "2"],
  "routes.0.timeout": [30, "0s", "", "1y"],
  "routes.0.rate": [{}, { requests: 0 }, { requests: 1, per: "1ms" }, { requests: 1, by: "ip" }, {
    requests: 1,
    burst: 0,
  }],
  "routes.0.https": ["always", true],
  "routes.0.cache": [{}],
  routes: [null, {}, "x", [1], Array(101).fill({})],
  "tcp.0.port": [0, 65_536, "5432", 1.5, null],
  "tcp.0.target": [1, null, "nope"],
  "tcp.0.balance": ["peak_ewma", { hash: "header:x" }, null],
  "tcp.0.check": [{}, { http: "/", tcp: true }, { command: ["x"] }, { http: "/", port: "nope" }, {
    http: "/",
    port: 1,
  }],
  tcp: [null, {}, [{}], [{ port: 1 }, { port: 1 }], Array(33).fill({ port: 1 })],
  autoscale: [{}],
  kind: ["cron", 1],
  comand: [["x"]],
};

/** A good spec with one wrong field. */
function specWith(path: string, value: unknown): Record<string, unknown> {
  const [field = "", inner, last] = path.trim().split(".");
  if (inner === undefined) return { ...GOOD, [field]: value };
  // A list of one; what else its entry needs is there.
  if (last !== undefined) return { ...GOOD, [field]: [{ ...(field === "tcp" && { port: 5_432 }), [last]: value }] };
  return { ...GOOD, [field]: { [inner]: value } };
}

async function send(harness: Harness, body: string, line = "POST /v1/apply"): Promise<Response> {
  const [method = "", path = ""] = line.split(" ");
  return await harness.call(method, path, { body });
}

Deno.test("each field that is wrong is refused with its place, and nothing changes", whenGranted, async () => {
  await using harness = await startApi();
  const before = structuredClone(harness.api.state);
  for (const [path, values] of Object.entries(WRONG)) {
    for (const value of values) {
      const body = JSON.stringify([{ ...GOOD, name: "good" }, specWith(path, value)]);
      const said = `${path}: ${body.slice(0, 200)}`;
      const response = await send(harness, body);
      assertEquals([response.status, response.headers.get("content-type")], [400, PROBLEM_MEDIA_TYPE], said);
      const { errors = [] } = Problem.parse(await response.json());
      const [field] = path.trim().split(".");
      assert(errors.length > 0 && errors.every(({ pointer }) => pointer.startsWith(`/1/${field}`)), said);
      assert(errors.every(({ line, column }) => line === 1 && (column ?? 0) > 1), said);
    }
  }
  assertEquals(harness.api.state, before);
});

Deno.test("every field of a spec is in the table of wrong ones", whenGranted, () => {
  const tried = new Set(Object.keys(WRONG).map((path) => path.trim().split(".")[0] ?? ""));
  assertEquals(Object.keys(ServiceSpec.shape).filter((field) => !tried.has(field)), []);
});

Deno.test("fields that contradict each other are refused where they can be mended", whenGranted, async () => {
  await using harness = await startApi();
  const contradictions: [Record<string, unknown>, string][] = [
    [{ update: { max_surge: 0, max_unavailable: 0 } }, "/update/max_surge"],
    [{ update: { strategy: "blue_green", canary: 2 } }, "/update/canary"],
    [{ update: { strategy: "blue_green" }, data: { per_slot: true } }, "/update/strategy"],
    [{ update: { strategy: "blue_green" }, ports: { pg: 5_432 } }, "/update/strategy"],
    [{ update: { min_healthy: "10m" } }, "/update/deadline"],
    [{ health: { http: "/", port: "admin" } }, "/health/port"],
  ];
  for (const [fields, pointer] of contradictions) {
    for (const line of ["POST /v1/apply", "POST /v1/plan", "PUT /v1/services/web"]) {
      const response = await send(harness, JSON.stringify({ ...GOOD, ...fields }), line);
      assertEquals(response.status, 400, pointer);
      const { errors = [] } = Problem.parse(await response.json());
      assertEquals(errors.map((fault) => fault.pointer), [pointer]);
    }
  }
  assertEquals(harness.api.state.services.size, 1);
});

Deno.test("what is well said and fits nowhere is taken, and says why it waits", whenGranted, async () => {
  await using harness = await startApi();
  await harness.addNode("alpha");
  const body = JSON.stringify({ ...GOOD, resources: { memory: 1_000_000 } });
  const planned = await (await send(harness, body, "POST /v1/plan")).json();
  assertEquals([planned.complete, planned.waits.length], [false, 1]);
  assertEquals((await send(harness, body)).status, 200);
});

/** A document that was good once. */
const mutated = fc.tuple(
  fc.constantFrom(...Object.keys(ServiceSpec.shape), "comand", "autoscale", "__proto__", ""),
  fc.jsonValue(),
  fc.boolean(),
).map(([field, value, removed]) => {
  const entries = Object.entries({ ...GOOD, replicas: 1, env: { A: "1" }, health: { http: "/" } });
  const others = entries.filter(([name]) => name !== field);
  return `{${
    [...others, ...(removed ? [] : [[field, value]])].map((pair) => pair.map((part) => JSON.stringify(part)).join(":"))
  }}`;
});

const yamlScraps = fc.array(
  fc.constantFrom(
    ...["name: web", "command: [x]", "replicas: 2", "---", "- ", "  ", "\n", "\t", "&a ", "*a", "!!str ", "|", ">"],
    ...[
      "{",
      "}",
      "[",
      "]",
      ": ",
      "? ",
      "#",
      "'",
      '"',
      "%YAML 1.2",
      "<<: ",
      "~",
      ".inf",
      "0x1F",
      "\0",
      "\u2028",
      "name: db",
    ],
  ),
  { maxLength: 30 },
).map((scraps) => scraps.join(""));

Deno.test(
  "whatever is sent, the answer is a success or a problem, and a refusal changes nothing",
  whenGranted,
  async () => {
    await using harness = await startApi();
    const documents = fc.oneof(
      fc.json({ maxDepth: 4 }),
      mutated,
      fc.array(mutated, { maxLength: 3 }).map((list) => `[${list}]`),
      fc.array(mutated, { maxLength: 3 }).map((list) => list.join("\n---\n")),
      yamlScraps,
      fc.string({ maxLength: 200, unit: "binary" }),
    );
    const lines = fc.constantFrom(
      ...["POST /v1/apply", "POST /v1/apply?dry_run=true", "POST /v1/plan", "PUT /v1/services/web"],
      ...["POST /v1/services/web/rollback", "POST /v1/services/payload/pause"],
    );
    await fc.assert(
      fc.asyncProperty(documents, lines, async (body, line) => {
        const before = harness.api.state.revision;
        const response = await send(harness, body, line);
        const answer = await response.json();
        if (response.ok) return;
        assert(response.status >= 400 && response.status < 500, `${response.status} to ${line} ${body}`);
        assertEquals(response.headers.get("content-type"), PROBLEM_MEDIA_TYPE);
        assert(Problem.parse(answer).detail.length > 0);
        assertEquals(harness.api.state.revision, before);
      }),
      { numRuns: 400 },
    );
  },
);

Deno.test(
  "of 50 parallel PUTs with the same If-Match exactly one wins; the others learn the revision",
  whenGranted,
  async () => {
    await using harness = await startApi();
    const put = (at: number, headers: Record<string, string> = {}) =>
      harness.call("PUT", "/v1/services/web", { body: `command: [x]\nenv: {AT: "${at}"}\n`, headers });
    const etag = (await put(0)).headers.get("etag") ?? "";
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => put(at + 1, { "if-match": etag })));
    const won = answers.filter(({ status }) => status === 200);
    const lost = answers.filter(({ status }) => status === 412);
    assertEquals([won.length, lost.length], [1, 49]);
    const { revision, spec } = await won[0]?.json();
    for (const answer of lost) {
      assertEquals([answer.headers.get("etag"), (await answer.json()).revision], [`"${revision}"`, revision]);
    }
    assertEquals(harness.api.state.services.get("web")?.record.spec, spec);
    assertEquals(harness.api.state.services.get("web")?.record.generation, 2);
  },
);
