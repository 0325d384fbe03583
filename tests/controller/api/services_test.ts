import { assertEquals, assertStringIncludes } from "@std/assert";
import { ServiceView } from "../../../lib/wire/api.ts";
import { startApi } from "./harness.ts";
import { whenGranted } from "../../support/granted.ts";

const WEB = { command: ["payload", "--greeting", "hi"], replicas: 2 };

Deno.test(
  "PUT makes a service, changes it into a new generation, and changes nothing when it is the same",
  whenGranted,
  async () => {
    await using harness = await startApi();
    const put = (body: unknown) => harness.call("PUT", "/v1/services/web", { body });
    const made = await put(WEB);
    assertEquals([made.status, made.headers.get("etag")], [201, '"2"']);
    assertEquals((await made.json()).generation, 1);
    const same = await put({ name: "web", ...WEB });
    assertEquals([same.status, same.headers.get("etag")], [200, '"2"']);
    const changed = await (await put({ ...WEB, env: { A: "1" } })).json();
    assertEquals([changed.generation, changed.revision], [2, 3]);
    const scaled = await (await put({ ...WEB, env: { A: "1" }, replicas: 5 })).json();
    assertEquals([scaled.generation, scaled.desired], [2, 5], "the scale makes no generation");
  },
);

Deno.test(
  "PUT makes no generation when ports and files are what they were, however they are written",
  whenGranted,
  async () => {
    await using harness = await startApi();
    const put = async (fields: unknown) =>
      await (await harness.call("PUT", "/v1/services/web", { body: { ...WEB, ...fields as object } })).json();
    const files = { a: { template: "${PORT}" } };
    await put({ ports: { metrics: 0, pg: 5_432 }, files });
    assertEquals((await put({ files, ports: { metrics: {}, pg: { port: 5_432 } }, data: {} })).generation, 1);
    assertEquals((await put({ files, ports: { metrics: 0, pg: 5_433 } })).generation, 2);
  },
);

Deno.test("PUT takes YAML, one document of it, and says in which line a slip is", whenGranted, async () => {
  await using harness = await startApi();
  const put = (body: string) => harness.call("PUT", "/v1/services/web", { body });
  const made = await put("command: [x]\nreplicas: 2\nkind: service\n");
  assertEquals([made.status, (await made.json()).desired], [201, 2]);
  for (const body of ["command: [x]\n---\ncommand: [y]\n", "- command: [x]\n", "", "words"]) {
    const refused = await put(body);
    assertEquals(refused.status, 400);
    await refused.body?.cancel();
  }
  const { errors } = await (await put("command: [x]\nreplica: 3\n")).json();
  assertEquals([errors[0].pointer, errors[0].line, errors[0].column], ["/replica", 2, 1]);
});

Deno.test("PUT without replicas leaves the scale as it is", whenGranted, async () => {
  await using harness = await startApi();
  await harness.call("PUT", "/v1/services/web", { body: WEB });
  await harness.call("POST", "/v1/services/web/scale", { body: { replicas: 4 } });
  const response = await harness.call("PUT", "/v1/services/web", { body: { command: ["other"] } });
  assertEquals((await response.json()).desired, 4);
});

Deno.test(
  "GET gives a service with its revision as ETag, and the whole of it also to whoever has that revision",
  whenGranted,
  async () => {
    await using harness = await startApi();
    const response = await harness.call("GET", "/v1/services/payload");
    const etag = response.headers.get("etag") ?? "";
    assertEquals(etag, `"${ServiceView.parse(await response.json()).revision}"`);
    await harness.addNode("a");
    await harness.call("POST", "/scale", { body: { replicas: 1 } });
    const scaled = await harness.call("GET", "/v1/services/payload");
    const headers = { "if-none-match": scaled.headers.get("etag") ?? "" };
    await scaled.body?.cancel();
    await harness.shell.until(() => harness.api.state.replicas.size > 0, 1_000);
    // What is observed of a service changes without a write to it.
    const again = await harness.call("GET", "/v1/services/payload", { headers });
    assertEquals([again.status, ServiceView.parse(await again.json()).assigned], [200, 1]);
  },
);

Deno.test(
  "of parallel PUTs with the same If-Match exactly one wins, the others get 412 and the revision",
  whenGranted,
  async () => {
    await using harness = await startApi();
    await harness.call("PUT", "/v1/services/web", { body: WEB });
    const headers = { "if-match": '"2"' };
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => {
      const body = { ...WEB, env: { N: String(index) } };
      return harness.call("PUT", "/v1/services/web", { body, headers });
    }));
    assertEquals(answers.map(({ status }) => status).sort(), [200, ...Array(7).fill(412)]);
    const lost = answers.find(({ status }) => status === 412);
    assertEquals((await lost?.json()).revision, 3);
    for (const answer of answers) if (!answer.bodyUsed) await answer.body?.cancel();
  },
);

Deno.test("If-Match on what isn't there, and If-None-Match: * on what is, are 412", whenGranted, async () => {
  await using harness = await startApi();
  const put = (name: string, headers: Record<string, string>) =>
    harness.call("PUT", `/v1/services/${name}`, { body: WEB, headers });
  assertEquals((await put("web", { "if-match": '"1"' })).status, 412);
  assertEquals((await put("payload", { "if-none-match": "*" })).status, 412);
  assertEquals((await put("web", { "if-none-match": "*" })).status, 201);
});

Deno.test(
  "the same Idempotency-Key has one effect and one answer; with another request it is 422",
  whenGranted,
  async () => {
    await using harness = await startApi();
    const headers = { "idempotency-key": "k-1" };
    const scale = (replicas: number) => harness.call("POST", "/scale", { body: { replicas }, headers });
    const answers = await Promise.all([scale(3), scale(3), scale(3)]);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    assertEquals(new Set(bodies).size, 1);
    assertEquals(answers.filter((answer) => answer.headers.has("idempotency-replayed")).length, 2);
    await harness.call("POST", "/scale", { body: { replicas: 5 } });
    assertEquals(await (await scale(3)).text(), bodies[0]);
    assertEquals(harness.api.state.services.get("payload")?.record.desired, 5, "said again it does nothing");
    assertEquals((await scale(4)).status, 422);
    const broken = await harness.call("POST", "/scale", {
      body: { replicas: 1 },
      headers: { "idempotency-key": "a b" },
    });
    assertEquals(broken.status, 400);
  },
);

Deno.test(
  "DELETE ends a service once its last replica has; a removed one can't be scaled, and PUT has it back",
  whenGranted,
  async () => {
    await using harness = await startApi();
    await harness.addNode("a");
    await harness.call("PUT", "/v1/services/web", { body: WEB });
    await harness.shell.until(() => harness.api.state.replicas.size === 2, 1_000);
    const removed = await harness.call("DELETE", "/v1/services/web");
    assertEquals([removed.status, (await removed.json()).removed], [202, true]);
    assertEquals((await harness.call("POST", "/v1/services/web/scale", { body: { replicas: 1 } })).status, 409);
    const back = await (await harness.call("PUT", "/v1/services/web", { body: WEB })).json();
    assertEquals([back.removed, back.generation], [false, 2]);
    await harness.call("DELETE", "/v1/services/payload");
    await harness.shell.until(() => !harness.api.state.services.has("payload"), 1_000);
    assertEquals((await harness.call("GET", "/v1/services/payload")).status, 404);
  },
);

Deno.test("restart makes a new generation of the same spec at the same scale", whenGranted, async () => {
  await using harness = await startApi();
  await harness.call("POST", "/scale", { body: { replicas: 3 } });
  const { generation, desired } = await (await harness.call("POST", "/v1/services/payload/restart")).json();
  assertEquals([generation, desired], [2, 3]);
});

Deno.test("a spec with a slip is 400, and says where and what was meant", whenGranted, async () => {
  await using harness = await startApi();
  const slips: [string, unknown, string][] = [
    ["web", { comand: ["x"] }, 'did you mean "command"?'],
    ["web", { command: ["x"], health: { htp: "/x" } }, 'did you mean "http"?'],
    ["web", { command: ["x"], ports: { pg: { expos: "node" } } }, 'did you mean "expose"?'],
    ["web", { command: ["x"], files: { "a.conf": { tmplate: "" } } }, 'did you mean "template"?'],
    ["web", { command: ["x"], ports: { pg: 70_000 } }, '"ports.pg.port"'],
    ["web", { command: ["x"], ports: { main: 0 } }, "choose another name"],
    ["web", { command: ["x"], files: { "../a": { template: "" } } }, "a file's name is"],
    ["web", { command: ["x"], cwd: "web" }, "make it absolute"],
    ["web", { command: "x" }, '"command"'],
    ["web", { command: ["a\0b"] }, "NUL"],
    ["web", { command: ["x"], name: "other" }, "make them the same"],
    ["web", { command: ["x"], restart: { backoff: "1" } }, '"restart.backoff"'],
    ["..%2fx", { command: ["x"] }, "a name is 1 to 63"],
    ["a%0ab", { command: ["x"] }, "a name is 1 to 63"],
    ["x".repeat(300), { command: ["x"] }, "a name is 1 to 63"],
  ];
  for (const [name, body, detail] of slips) {
    const response = await harness.call("PUT", `/v1/services/${name}`, { body });
    assertEquals(response.status, 400, detail);
    assertStringIncludes((await response.json()).detail, detail);
  }
  assertEquals(harness.api.state.services.size, 1);
});

Deno.test("lists page by limit and cursor, with a Link to the next page", whenGranted, async () => {
  await using harness = await startApi();
  for (const name of ["a", "b", "c", "d"]) await harness.call("PUT", `/v1/services/${name}`, { body: WEB });
  const names: string[] = [];
  let path: string | undefined = "/v1/services?limit=2";
  while (path !== undefined) {
    const response: Response = await harness.call("GET", path);
    const page = await response.json();
    names.push(...page.items.map((item: { name: string }) => item.name));
    path = /^<(.+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
    assertEquals(path === undefined, page.next_cursor === null);
  }
  assertEquals(names, ["a", "b", "c", "d", "payload"]);
  for (const query of ["limit=0", "limit=x", "limit=1001", "cursor=%25"]) {
    assertEquals((await harness.call("GET", `/v1/services?${query}`)).status, 400, query);
  }
});
