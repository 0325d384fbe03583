import { assertEquals, assertStringIncludes } from "@std/assert";
import { startApi } from "./harness.ts";

Deno.test("POST /v1/rebalance tells that there is nothing to move, and takes nothing but true or false", async () => {
  await using harness = await startApi();
  const dry = await harness.call("POST", "/v1/rebalance?dry_run=true");
  assertEquals([dry.status, await dry.json()], [200, { moves: [] }]);
  const done = await harness.call("POST", "/v1/rebalance");
  assertEquals([done.status, await done.json()], [202, { moves: [] }]);
  const refused = await harness.call("POST", "/v1/rebalance?dry_run=yes");
  assertEquals(refused.status, 400);
  assertStringIncludes(await refused.text(), '\\"dry_run\\" is true or false');
});

Deno.test("POST /v1/rebalance is for operators", async () => {
  await using harness = await startApi({ token: "correct-horse" });
  assertEquals((await harness.call("POST", "/v1/rebalance?dry_run=true")).status, 401);
});

Deno.test("POST /v1/rebalance is done once for each Idempotency-Key", async () => {
  await using harness = await startApi();
  let asked = 0;
  harness.api.rebalance = () => asked += 1;
  const headers = { "idempotency-key": "once" };
  const first = await harness.call("POST", "/v1/rebalance", { headers });
  const second = await harness.call("POST", "/v1/rebalance", { headers });
  assertEquals([first.status, second.status, second.headers.get("idempotency-replayed")], [202, 202, "true"]);
  assertEquals([await second.text(), asked], [await first.text(), 1]);
});
