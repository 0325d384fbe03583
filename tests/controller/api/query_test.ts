import { assertEquals, assertStringIncludes } from "@std/assert";
import { ROUTES } from "../../../lib/controller/api/routes.ts";
import { type Harness, startApi } from "./harness.ts";

async function ask(harness: Harness, line: string, body?: unknown) {
  const [method = "", path = ""] = line.split(" ");
  const response = await harness.call(method, path, body === undefined ? {} : { body });
  const text = await response.text();
  return {
    status: response.status,
    etag: response.headers.get("etag"),
    text,
    body: text === "" ? {} : JSON.parse(text),
  };
}

Deno.test("a parameter that no route takes is 400, names the nearest, and changes nothing", async () => {
  await using harness = await startApi();
  const before = harness.api.state.revision;
  for (
    const [line, said] of [
      ["DELETE /v1/services/payload?dry-run=true", 'unknown parameter "dry-run"; did you mean "dry_run"?'],
      ["POST /scale?dryrun=true", 'did you mean "dry_run"?'],
      ["GET /v1/services?limt=3", 'did you mean "limit"?'],
      ["GET /v1/replicas?xyz=3", "known: limit, cursor, service, node"],
      ["GET /status?x=1", "this route takes none"],
      ["GET /v1/services?__proto__=1", "unknown parameter"],
      ["POST /v1/rebalance?dry_run=true&dry_run=false", '"dry_run" is given twice'],
      ["POST /v1/session?dry_run=true", "this route takes none"],
    ] as const
  ) {
    const { status, body } = await ask(harness, line, line.startsWith("POST /scale") ? { replicas: 3 } : undefined);
    assertEquals(status, 400, line);
    assertStringIncludes(body.detail, said);
  }
  assertEquals(harness.api.state.revision, before);
});

Deno.test("a parameter is taken as its rule says, or 400 with the rule", async () => {
  await using harness = await startApi();
  for (
    const [line, said] of [
      ["DELETE /v1/services/payload?dry_run=yes", '"dry_run" is true or false, not "yes"'],
      ["DELETE /v1/services/payload?dry_run", '"dry_run" is true or false, not ""'],
      ["GET /v1/services?limit=0", '"limit" is a whole number from 1 to 1000, not "0"'],
      ["GET /v1/events?limit=1e2", '"limit" is a whole number'],
      ["GET /v1/events?limit=0x10", '"limit" is a whole number'],
      ["GET /v1/audit?after=-1", '"after" is the "seq"'],
      ["GET /v1/explain/payload?kind=", '"kind" is service, replica, node'],
      ["GET /v1/services/payload/logs?tail=10001", "from 0 to 10000"],
      ["GET /v1/services/payload/logs?stream=both", '"stream" is out or err'],
    ] as const
  ) {
    const { status, body } = await ask(harness, line);
    assertEquals(status, 400, line);
    assertStringIncludes(body.detail, said);
  }
  assertEquals((await ask(harness, "GET /v1/events?limit=1000")).status, 200);
});

Deno.test("dry_run answers what a write would, with 200, and neither changes nor remembers anything", async () => {
  await using harness = await startApi();
  const node = await harness.addNode("a");
  const spec = { command: ["x"], replicas: 1, update: { canary: 1 } };
  await ask(harness, "PUT /v1/services/web", spec);
  await ask(harness, "PUT /v1/services/web", { ...spec, env: { A: "1" } });
  await ask(harness, "POST /v1/tokens", { name: "ada", role: "viewer" });
  // What is decided of the service meanwhile is nobody's write.
  const kept = async () => (await harness.store.load()).records.filter(({ record }) => record.type !== "assignment");
  const before = await kept();
  for (
    const [line, sent] of [
      ["PUT /v1/services/api?dry_run=true", spec],
      ["DELETE /v1/services/web?dry_run=true", undefined],
      ["POST /v1/services/web/scale?dry_run=1", { replicas: 5 }],
      ["POST /v1/services/web/pause?dry_run=true", undefined],
      ["POST /v1/services/web/rollback?dry_run=true", undefined],
      ["POST /scale?dry_run=true", { replicas: 7 }],
      [`PATCH /v1/nodes/${node}?dry_run=true`, { labels: { zone: "b" } }],
      [`POST /v1/nodes/${node}/drain?dry_run=true`, undefined],
      [`DELETE /v1/nodes/${node}?force=true&dry_run=true`, undefined],
      ["POST /v1/tokens?dry_run=true", { name: "eve", role: "viewer" }],
      ["DELETE /v1/tokens/ada?dry_run=true", undefined],
    ] as const
  ) {
    const { status, body, etag } = await ask(harness, line, sent);
    assertEquals([status, body.dry_run, etag, body.token], [200, true, null, undefined], line);
  }
  const scaled = await ask(harness, "POST /v1/services/web/scale?dry_run=true", { replicas: 5 });
  assertEquals([scaled.body.service, scaled.body.desired], ["web", 5]);
  assertEquals((await ask(harness, "POST /v1/services/nope/scale?dry_run=true", { replicas: 5 })).status, 404);
  assertEquals(await kept(), before);
});

Deno.test("dry_run is judged by the same conditions, and uses no idempotency key up", async () => {
  await using harness = await startApi();
  const stale = { "if-match": '"999"' };
  const path = "/v1/services/payload";
  assertEquals((await harness.call("DELETE", `${path}?dry_run=true`, { headers: stale })).status, 412);
  const headers = { "idempotency-key": "once" };
  assertEquals((await harness.call("DELETE", `${path}?dry_run=true`, { headers })).status, 200);
  assertEquals((await harness.call("DELETE", path, { headers })).status, 202);
});

Deno.test("every write that commits can be rehearsed, unless it is an agent's, a session's, the authority's or a file's", () => {
  const lacking = ROUTES.filter(({ method, query = {} }) => method !== "GET" && !("dry_run" in query));
  assertEquals(lacking.map(({ method, path }) => `${method} ${path}`).toSorted(), [
    "DELETE /v1/session",
    "POST /v1/authority/rotate",
    "POST /v1/chunks/missing",
    "POST /v1/join",
    "POST /v1/plan",
    "POST /v1/renew",
    "POST /v1/session",
    "PUT /v1/artifacts/:digest",
    "PUT /v1/chunks/:digest",
  ]);
});
