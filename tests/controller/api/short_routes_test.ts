import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Status } from "../../../lib/wire/api.ts";
import { startApi } from "./harness.ts";

Deno.test("/status shows a fresh cluster field for field, indented", async () => {
  await using harness = await startApi();
  const response = await harness.call("GET", "/status");
  const text = await response.text();
  assertStringIncludes(text, '\n  "cluster": {\n');
  const status = Status.parse(JSON.parse(text));
  assertEquals(status.services, [{ name: "payload", generation: 1, desired: 0, ready: 0, replicas: [] }]);
  assertEquals(status.nodes, []);
  assertEquals(Object.keys(status.cluster), ["leader", "epoch", "version", "revision"]);
});

Deno.test("/scale takes replicas, count or both when they agree, whatever the content type", async () => {
  await using harness = await startApi();
  const form = { "content-type": "application/x-www-form-urlencoded" };
  for (const body of [{ replicas: 3 }, { count: 3 }, { replicas: 3, count: 3 }, { replicas: 3, service: "payload" }]) {
    const response = await harness.call("POST", "/scale", { body, headers: form });
    assertEquals(response.status, 202);
    const { service, desired, revision } = await response.json();
    assertEquals({ service, desired }, { service: "payload", desired: 3 });
    assertEquals(revision, 2, "scaling to what it is already changes nothing");
  }
  assertEquals(harness.api.state.services.get("payload")?.record.desired, 3);
});

Deno.test("/scale refuses every number that is no scale, with the range", async () => {
  await using harness = await startApi();
  const bodies = ["-1", "1.5", '"3"', "null", "1e9", "9007199254740992", "10001", "true", "[]", "{}"];
  for (const value of bodies) {
    for (const field of ["replicas", "count"]) {
      const response = await harness.call("POST", "/scale", { body: `{"${field}":${value}}` });
      assertEquals(response.status, 400, value);
      const { detail, errors } = await response.json();
      assertStringIncludes(detail, "a whole number from 0 to 10000", value);
      assertEquals(errors[0].pointer, `/${field}`);
    }
  }
  assertEquals(harness.api.state.services.get("payload")?.record.desired, 0);
});

Deno.test("/scale refuses what is no scale request, and says what one looks like", async () => {
  await using harness = await startApi();
  const details: Record<string, string> = {
    "": "it is empty",
    "NaN": "expected a JSON object",
    "[3]": "it is an array",
    "3": "it is a number",
    "null": "it is null",
    "{}": 'give "replicas"',
    '{"replicas":1,"count":2}': "give one of them",
    '{"replcas":1}': 'did you mean "replicas"?',
    '{"replicas":1,"replicas":2}': "given twice",
    '{"__proto__":{"replicas":1}}': "__proto__",
    [`{"replicas":${"[".repeat(10_000)}${"]".repeat(10_000)}}`]: "levels deep",
  };
  for (const [body, detail] of Object.entries(details)) {
    const response = await harness.call("POST", "/scale", { body });
    assertEquals(response.status, 400, body.slice(0, 40));
    assertEquals(response.headers.get("content-type"), "application/problem+json");
    assertStringIncludes((await response.json()).detail, detail);
  }
});

Deno.test("/scale of an unknown service is 404 and lists those that are known", async () => {
  await using harness = await startApi();
  const response = await harness.call("POST", "/scale", { body: { replicas: 1, service: "web" } });
  assertEquals(response.status, 404);
  assertStringIncludes((await response.json()).detail, "known: payload");
});

Deno.test("a body over 1 MiB is 413, declared or not", async () => {
  await using harness = await startApi();
  const large = `{"replicas":1,"x":"${"x".repeat(1_048_576)}"}`;
  assertEquals((await harness.call("POST", "/scale", { body: large })).status, 413);
  const declared = { "content-length": "1048577" };
  assertEquals((await harness.call("POST", "/scale", { body: "{}", headers: declared })).status, 413);
});

Deno.test("a wrong method is 405 with Allow, an unknown path of Muster's own 404, any other the proxy's", async () => {
  await using harness = await startApi();
  const wrong = await harness.call("GET", "/scale");
  assertEquals([wrong.status, wrong.headers.get("allow")], [405, "POST"]);
  const listed = await harness.call("PATCH", "/v1/services/payload", { body: {} });
  assertEquals([listed.status, listed.headers.get("allow")], [405, "GET, HEAD, PUT, DELETE"]);
  for (const path of ["/v1/nothing", "/v1", "/docs/nothing"]) {
    const response = await harness.call("GET", path);
    assertEquals([response.status, response.headers.get("content-type")], [404, "application/problem+json"], path);
  }
  for (const path of ["/", "/x", "/proxy/a?b", "/status/x", "/v10", "/scale/", "/statusx"]) {
    assertStringIncludes(await (await harness.call("GET", path)).text(), "proxied", path);
  }
});

Deno.test("/readyz says which nodes are waited for", async () => {
  await using harness = await startApi();
  assertEquals((await harness.call("GET", "/readyz")).status, 200);
  harness.api.state.unheard.add("some-node");
  const response = await harness.call("GET", "/readyz");
  assertEquals(response.status, 503);
  assertMatch((await response.json()).detail, /1 of 0 nodes have yet to be heard/);
  assertEquals((await harness.call("GET", "/healthz")).status, 200);
});

Deno.test("/metrics is in the format of Prometheus: each family with help and type, no id as a label", async () => {
  await using harness = await startApi();
  const node = await harness.addNode("a");
  await harness.call("POST", "/scale", { body: { replicas: 2 } });
  await harness.shell.until(() => harness.api.state.replicas.size === 2, 1_000);
  const text = await (await harness.call("GET", "/metrics")).text();
  for (const line of text.trimEnd().split("\n")) {
    assertMatch(line, /^(# (HELP|TYPE) muster_\w+ |muster_\w+(\{[^}]*\})? [\d.]+$)/);
  }
  assertStringIncludes(text, 'muster_nodes{liveness="ready"} 1');
  assertStringIncludes(text, 'muster_replicas{service="payload",phase="pending"} 2');
  assertStringIncludes(text, 'muster_api_requests_total{method="POST",route="/scale",status="202"} 1');
  assertEquals(text.includes(node), false);
});
