import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Harness, startApi } from "./harness.ts";

const WEB = { command: ["x"], replicas: 2, update: { canary: 1 } };

async function put(harness: Harness, at: number): Promise<void> {
  await (await harness.call("PUT", "/v1/services/web", { body: { ...WEB, env: { AT: String(at) } } })).body?.cancel();
}

async function post(
  harness: Harness,
  verb: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
) {
  const response = await harness.call("POST", `/v1/services/web/${verb}`, options);
  return { status: response.status, etag: response.headers.get("etag"), ...await response.json() };
}

async function get(harness: Harness, path: string) {
  return await (await harness.call("GET", path)).json();
}

Deno.test("the history tells the generations, newest first, with what changed, by the page", async () => {
  await using harness = await startApi();
  for (let at = 1; at <= 12; at++) await put(harness, at);
  const first = await get(harness, "/v1/services/web/history?limit=5");
  const second = await get(harness, `/v1/services/web/history?limit=100&cursor=${first.next_cursor}`);
  const all = [...first.items, ...second.items];
  assertEquals(all.map(({ generation }) => generation), [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  assertEquals([all[0].present, all[1].present, all[0].cause, all[0].changes], [true, false, "release", ["env.AT"]]);
  assertEquals(all[3].spec.env.AT, "9");
  assertEquals((await harness.call("GET", "/v1/services/nope/history")).status, 404);
});

Deno.test("a service shows its rollout: where it stands, why, and how far it is", async () => {
  await using harness = await startApi();
  await put(harness, 1);
  assertEquals((await get(harness, "/v1/services/web")).rollout, null);
  await put(harness, 2);
  const { rollout, cause, at } = await get(harness, "/v1/services/web");
  assertEquals([rollout.phase, rollout.from, rollout.to, rollout.paused, rollout.updated], ["canary", 1, 2, false, 0]);
  assertEquals([cause, rollout.began], ["release", at]);
});

Deno.test("rollback goes to the last good generation during a rollout, or to the one that is asked for", async () => {
  await using harness = await startApi();
  await put(harness, 1);
  assertEquals((await post(harness, "rollback")).status, 409);
  await put(harness, 2);
  await harness.call("POST", "/v1/services/web/scale", { body: { replicas: 6 } });
  await put(harness, 3);
  await harness.call("POST", "/v1/services/web/scale", { body: { replicas: 5 } });
  const back = await post(harness, "rollback", { body: {} });
  assertEquals(
    [back.status, back.generation, back.to, back.desired],
    [202, 4, 1, 5],
    "3 and 2 never proved themselves",
  );
  assertEquals(back.spec.env.AT, "1");
  const { rollout, cause } = await get(harness, "/v1/services/web");
  assertEquals([cause, rollout.cause, rollout.phase], ["rollback", "rollback", "rolling"]);
  assertEquals((await post(harness, "rollback", { body: { generation: 3 } })).spec.env.AT, "3");
  const gone = await post(harness, "rollback", { body: { generation: 99 } });
  assertEquals(gone.status, 404);
  assertStringIncludes(gone.detail, "known: 1, 2, 3, 4");
  const present = await post(harness, "rollback", { body: { generation: 5 } });
  assertEquals(present.status, 409);
  assertStringIncludes(present.detail, "kept: 1, 2, 3, 4");
  for (const body of ['{"generation":0}', '{"generation":"1"}', '{"generaton":1}', "[]"]) {
    assertEquals((await post(harness, "rollback", { body })).status, 400, body);
  }
});

Deno.test("a rollout is paused, resumed and promoted, each once", async () => {
  await using harness = await startApi();
  await put(harness, 1);
  for (const verb of ["pause", "resume", "promote"]) assertEquals((await post(harness, verb)).status, 409, verb);
  await put(harness, 2);
  const paused = await post(harness, "pause");
  assertEquals([paused.status, paused.rollout.paused, paused.etag], [200, true, `"${paused.revision}"`]);
  const again = await post(harness, "pause");
  assertEquals([again.status, again.revision], [200, paused.revision], "nothing is changed");
  assertStringIncludes((await post(harness, "promote")).detail, "resume it first");
  const resumed = await post(harness, "resume");
  assertEquals([resumed.rollout.paused, resumed.rollout.phase], [false, "canary"]);
  assertEquals((await post(harness, "resume")).status, 200);
  const promoted = await post(harness, "promote");
  assertEquals([promoted.rollout.phase, promoted.rollout.reason], ["rolling", "promoted by somebody"]);
  const nothing = await post(harness, "promote");
  assertEquals(nothing.status, 409);
  assertStringIncludes(nothing.detail, "nothing is being tried");
});

Deno.test("of two who decide about a rollout with the same If-Match one wins", async () => {
  await using harness = await startApi();
  await put(harness, 1);
  await put(harness, 2);
  const headers = { "if-match": `"${(await get(harness, "/v1/services/web")).revision}"` };
  const answers = await Promise.all(["pause", "promote"].map((verb) => post(harness, verb, { headers })));
  assertEquals(answers.map(({ status }) => status), [200, 412]);
  assertEquals((await post(harness, "rollback", { headers })).status, 412);
});

Deno.test("a restart waits for an update that is under way, and says what to do", async () => {
  await using harness = await startApi();
  await put(harness, 1);
  assertEquals((await post(harness, "restart")).status, 202);
  const twice = await post(harness, "restart");
  assertEquals([twice.status, twice.type], [409, "urn:muster:problem:rollout-under-way"]);
  assertStringIncludes(twice.detail, "a restart of web, to generation 2, is under way (rolling): wait for its end");
  await put(harness, 2);
  const canary = await post(harness, "restart");
  assertEquals(canary.status, 409);
  assertStringIncludes(canary.detail, "(canary): promote it, or roll it back, first");
  await post(harness, "pause");
  assertStringIncludes((await post(harness, "restart")).detail, "(canary, paused): resume it, or roll it back, first");
  const { generation, rollout } = await get(harness, "/v1/services/web");
  assertEquals([generation, rollout.phase, rollout.paused], [3, "canary", true]);
});
