import { assertEquals, assertStringIncludes } from "@std/assert";
import { NoAnswer } from "../../../lib/controller/agents/agent_client.ts";
import { startApi } from "./harness.ts";

Deno.test("If-Match without quotes is 400, shows the form, and changes nothing", async () => {
  await using harness = await startApi();
  const before = harness.api.state.revision;
  for (const field of ["5", "", '"5', '"5" "6"', "*, 5", "W/5"]) {
    const response = await harness.call("DELETE", "/v1/services/payload", { headers: { "if-match": field } });
    assertEquals(response.status, 400, field);
    assertStringIncludes((await response.json()).detail, '"If-Match" is a revision in quotes, as ETag gives it');
  }
  assertEquals(harness.api.state.revision, before);
  for (const field of ["*", '"1"', '"7", "1"', 'W/"7","1"']) {
    const response = await harness.call("DELETE", "/v1/services/payload", { headers: { "if-match": field } });
    assertEquals([200, 202, 412].includes(response.status), true, `${field}: ${response.status}`);
  }
});

Deno.test("a condition on what has no revision is 400, and a key where no answer is kept", async () => {
  await using harness = await startApi();
  for (
    const [line, header] of [
      ["POST /v1/rebalance", "if-match"],
      ["POST /v1/tokens", "if-none-match"],
      ["DELETE /v1/tokens/ada", "if-match"],
      ["POST /v1/join-tokens", "if-match"],
      ["POST /v1/authority/rotate", "idempotency-key"],
      ["POST /v1/session", "idempotency-key"],
    ] as const
  ) {
    const [method = "", path = ""] = line.split(" ");
    const response = await harness.call(method, path, { headers: { [header]: '"1"' } });
    assertEquals(response.status, 400, line);
    assertStringIncludes((await response.json()).detail, "has no effect on this");
  }
});

Deno.test("POST /add-node honours If-None-Match and If-Match", async () => {
  await using harness = await startApi();
  const url = "http://127.0.0.1:9000";
  await harness.addNode("a");
  harness.api.client.request = () => Promise.reject(new NoAnswer("silence"));
  const add = (headers: Record<string, string>) => harness.call("POST", "/add-node", { body: { url }, headers });
  assertEquals((await add({ "if-none-match": "*" })).status, 412);
  assertEquals((await add({ "if-match": '"999"' })).status, 412);
  const known = await add({});
  assertEquals(known.status, 200);
  assertEquals((await add({ "if-match": known.headers.get("etag") ?? "" })).status, 200);
});
