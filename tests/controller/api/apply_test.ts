import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { applySpecs } from "../../../lib/controller/api/apply.ts";
import { Applied, Planned } from "../../../lib/wire/change.ts";
import { parseSpecs } from "../../../lib/wire/specs.ts";
import { type Harness, startApi } from "./harness.ts";
import { whenGranted } from "../../support/granted.ts";

const TWO = "name: web\ncommand: [x]\nreplicas: 2\n---\nname: db\ncommand: [y]\n";

async function apply(harness: Harness, body: string, headers: Record<string, string> = {}): Promise<Applied> {
  const response = await harness.call("POST", "/v1/apply", { body, headers });
  assertEquals(response.status, 200);
  return Applied.parse(await response.json());
}

function inWords({ services }: Applied): string[] {
  return services.map(({ name, outcome, generation, desired, changes }) =>
    `${name} ${outcome} ${generation} ${desired} [${changes.join()}]`
  );
}

Deno.test(
  "POST /v1/apply makes several services in one revision, and says of each what became of it",
  whenGranted,
  async () => {
    await using harness = await startApi();
    const before = harness.api.state.revision;
    const made = await apply(harness, TWO);
    assertEquals(inWords(made), ["web created 1 2 []", "db created 1 1 []"]);
    assertEquals([made.revision, harness.api.state.revision], [before + 1, before + 1]);
    await harness.call("POST", "/v1/services/db/scale", { body: { replicas: 4 } });
    const unchanged = await apply(harness, TWO);
    assertEquals(inWords(unchanged), ["web unchanged 1 2 []", "db unchanged 1 4 []"], "a scale left out stays");
    assertEquals(unchanged.revision, harness.api.state.revision);
    const changed = await apply(harness, TWO.replace("replicas: 2", "replicas: 3").replace("[y]", "[y, z]"));
    assertEquals(inWords(changed), ["web scaled 1 3 [replicas]", "db changed 2 4 [command]"]);
    assertEquals(harness.api.state.services.get("db")?.record.desired, 4);
  },
);

Deno.test("POST /v1/apply takes JSON, a list and whatever content type", whenGranted, async () => {
  await using harness = await startApi();
  const body = JSON.stringify([{ name: "a", command: ["x"] }, { name: "b", command: ["x"] }]);
  const made = await apply(harness, body, { "content-type": "application/x-www-form-urlencoded" });
  assertEquals(made.services.map(({ name }) => name), ["a", "b"]);
});

Deno.test("POST /v1/apply is all or nothing", whenGranted, async () => {
  await using harness = await startApi();
  const before = structuredClone(harness.api.state);
  const response = await harness.call("POST", "/v1/apply", { body: TWO.replace("command: [y]", "comand: [y]") });
  const { status, detail, errors } = await response.json();
  assertEquals([status, errors.at(-1).pointer, errors.at(-1).line], [400, "/comand", 6]);
  assertStringIncludes(detail, "line 6, column 1");
  assertEquals(harness.api.state, before);
});

Deno.test(
  "POST /v1/apply takes If-Match for one service alone, and one effect per Idempotency-Key",
  whenGranted,
  async () => {
    await using harness = await startApi();
    const send = async (body: string, headers: Record<string, string>) => {
      const response = await harness.call("POST", "/v1/apply", { body, headers });
      return {
        status: response.status,
        replayed: response.headers.has("idempotency-replayed"),
        ...await response.json(),
      };
    };
    const several = await send(TWO, { "if-match": '"1"' });
    assertEquals(several.status, 400);
    assertStringIncludes(several.detail, "put each of them to /v1/services/{name}");
    const one = "name: web\ncommand: [x]\n";
    assertEquals((await send(one, { "if-match": '"1"' })).status, 412);
    assertEquals((await send(one, { "if-none-match": "*" })).status, 200);
    assertEquals((await send(one, { "if-match": '"2"' })).status, 200);
    const first = await send(TWO, { "idempotency-key": "k" });
    const again = await send(TWO, { "idempotency-key": "k" });
    assertEquals([first.replayed, again.replayed, again.revision], [false, true, first.revision]);
    assertEquals((await send(one, { "idempotency-key": "k" })).status, 422);
  },
);

Deno.test("a token for some services applies and plans those alone", whenGranted, async () => {
  await using harness = await startApi({ token: "correct-horse-battery" });
  const root = { headers: { authorization: "Bearer correct-horse-battery" } };
  const made = await harness.call("POST", "/v1/tokens", {
    ...root,
    body: { name: "web", role: "operator", services: ["web-*"] },
  });
  const headers = { authorization: `Bearer ${(await made.json()).token}` };
  const revision = harness.api.state.revision;
  for (const path of ["/v1/apply", "/v1/plan", "/v1/apply?dry_run=true"]) {
    const body = "name: web-1\ncommand: [x]\n---\nname: db\ncommand: [x]";
    const response = await harness.call("POST", path, { headers, body });
    assertEquals(response.status, 403);
    assertStringIncludes((await response.json()).detail, 'not for "db"');
  }
  assertEquals(harness.api.state.revision, revision);
  const own = await harness.call("POST", "/v1/apply", { headers, body: "name: web-1\ncommand: [x]" });
  assertEquals([own.status, (await own.json()).services[0].outcome], [200, "created"]);
});

Deno.test(
  "POST /v1/plan says what would become other and what would be done, and changes nothing",
  whenGranted,
  async () => {
    await using harness = await startApi();
    const node = await harness.addNode("alpha");
    await apply(harness, "name: web\ncommand: [x]\nenv: {A: '1'}");
    await harness.shell.until(() => harness.api.state.replicas.size === 1, 1_000);
    const before = structuredClone(harness.api.state);
    const body = "name: web\ncommand: [x]\nenv: {A: '2', C: '3'}\nreplicas: 2\n---\nname: db\ncommand: [y]\n";
    for (const path of ["/v1/plan", "/v1/apply?dry_run=true"]) {
      const response = await harness.call("POST", path, { body });
      const planned = Planned.parse(await response.json());
      const [web, db] = planned.services;
      assertEquals([web?.outcome, web?.generation, db?.outcome, db?.diff[0]?.before], ["changed", 2, "created", null]);
      assertEquals(web?.diff, [
        { path: "env.A", before: "1", after: "2" },
        { path: "env.C", before: null, after: "3" },
        { path: "replicas", before: 1, after: 2 },
      ]);
      const [first] = planned.actions;
      assertEquals([first?.kind, first?.service, first?.node, first?.node_name], ["start", "db", node, "alpha"]);
      assertEquals(planned.complete, true);
    }
    assertEquals(harness.api.state, before);
  },
);

Deno.test("POST /v1/plan tells what waits for its turn from what has no place", whenGranted, async () => {
  await using harness = await startApi();
  await harness.addNode("alpha");
  const web = { name: "web", command: ["x"], replicas: 2, update: { canary: 1, min_healthy: "0s" } };
  await apply(harness, JSON.stringify(web));
  await harness.shell.until(() => harness.api.state.replicas.size === 2, 1_000);
  const kindsOf = async (spec: unknown) => {
    const response = await harness.call("POST", "/v1/plan", { body: JSON.stringify(spec) });
    const { complete, waits } = Planned.parse(await response.json());
    return [complete, ...new Set(waits.map(({ kind }) => kind))];
  };
  assertEquals(await kindsOf({ ...web, command: ["y"] }), [false, "step"], "the canary is not promoted");
  assertEquals(await kindsOf({ name: "model", command: ["x"], placement: { constraints: ["exists gpu"] } }), [
    false,
    "blocked",
  ]);
});

Deno.test("what the plan says is what then happens", whenGranted, async () => {
  await using harness = await startApi();
  for (const name of ["alpha", "beta"]) await harness.addNode(name);
  const body = "name: web\ncommand: [x]\nreplicas: 5\n---\nname: db\ncommand: [y]\nreplicas: 2\n";
  const planned = Planned.parse(await (await harness.call("POST", "/v1/plan", { body })).json());
  await apply(harness, body);
  await harness.shell.until(() => harness.api.state.replicas.size === 7, 1_000);
  const done = [...harness.api.state.replicas.values()].map(({ record }) => record).map((record) =>
    [record.service, record.slot, record.node, record.generation, record.reason].join(" ")
  );
  assertEquals(
    planned.actions.map(({ service, slot, node, generation, reason }) =>
      [service, slot, node, generation, reason].join(" ")
    ),
    done,
  );
});

Deno.test(
  "applySpecs() applies for somebody who sends no request, and the history tells who",
  whenGranted,
  async () => {
    await using harness = await startApi();
    const parsed = parseSpecs(TWO);
    assert(parsed.kind === "ok");
    const written = await applySpecs(harness.api, parsed.value, { by: "web.yaml" });
    assert(written.kind === "written");
    assert(written.value.kind === "applied");
    assertEquals(inWords(written.value.applied), ["web created 1 2 []", "db created 1 1 []"]);
    assertEquals(harness.api.state.services.get("db")?.record.by, "web.yaml");
  },
);

Deno.test("of plans one at a time is made, a few wait, and more are 503", whenGranted, async () => {
  await using harness = await startApi();
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = "name: web\ncommand: [x]\n";
  const held = harness.api.plans.pass(() => promise);
  const waiting = Array.from({ length: 8 }, () => harness.call("POST", "/v1/plan", { body }));
  while (harness.api.plans.waiting < waiting.length) await Promise.resolve();
  const refused = await harness.call("POST", "/v1/plan", { body });
  assertEquals([refused.status, refused.headers.get("retry-after")], [503, "5"]);
  resolve();
  await held;
  assertEquals((await Promise.all(waiting)).map(({ status }) => status), waiting.map(() => 200));
});

Deno.test(
  "a TCP port that leads to a service already is refused to another, whatever the way, and nothing is changed",
  whenGranted,
  async () => {
    await using harness = await startApi();
    const spec = (name: string, port: number) => ({ name, command: ["x"], tcp: [{ port }] });
    await apply(harness, JSON.stringify(spec("db", 5_432)));
    const before = structuredClone(harness.api.state);
    const both = JSON.stringify([spec("other", 1), spec("web", 5_432)]);
    for (
      const [method, path, body] of [
        ["POST", "/v1/apply", both],
        ["POST", "/v1/apply?dry_run=true", both],
        ["POST", "/v1/plan", both],
        ["POST", "/v1/apply", JSON.stringify([spec("web", 7), spec("other", 7)])],
        ["PUT", "/v1/services/web", JSON.stringify(spec("web", 5_432))],
      ] as const
    ) {
      const response = await harness.call(method, path, { body });
      const { status, type, detail } = await response.json();
      assertEquals([status, String(type).endsWith("port-taken")], [409, true], detail);
      assertStringIncludes(
        detail,
        body.includes("7") ? "web is given it as well" : "can't lead to web: it leads to db already",
      );
      assertEquals(harness.api.state, before);
    }
    const moved = await apply(harness, JSON.stringify([spec("web", 5_432), spec("db", 1)]));
    assertEquals(inWords(moved), ["web created 1 1 []", "db changed 2 1 [tcp]"]);
    const back = await harness.call("POST", "/v1/services/db/rollback", { body: { generation: 1 } });
    assertEquals([back.status, (await back.json()).detail.includes("it leads to web already")], [409, true]);
  },
);
