import { assertEquals, assertStringIncludes } from "@std/assert";
import { ROUTES } from "../../../../lib/controller/api/routes.ts";
import { Status } from "../../../../lib/wire/api.ts";
import { type CallOptions, type Harness, startApi } from "../harness.ts";

const ROOT = "correct-horse-battery";
const asRoot: CallOptions = { headers: { authorization: `Bearer ${ROOT}` } };

async function statusOf(harness: Harness, line: string, options: CallOptions = {}): Promise<number> {
  const [method = "", path = ""] = line.split(" ");
  const { status, body } = await harness.call(method, path, options);
  await body?.cancel();
  return status;
}

async function jsonOf(harness: Harness, path: string, options: CallOptions) {
  const response = await harness.call("GET", path, options);
  assertEquals(response.status, 200, path);
  return await response.json();
}

async function tokenFor(harness: Harness, body: { name: string; role: string; services?: string[] }) {
  const response = await harness.call("POST", "/v1/tokens", { ...asRoot, body });
  const { token } = await response.json();
  return { headers: { authorization: `Bearer ${token}` } };
}

/** Two nodes, and a replica of each of two services. */
async function startTwo(): Promise<Harness> {
  const harness = await startApi({ token: ROOT });
  await harness.addNode("alpha");
  for (const name of ["web-1", "db"]) {
    const body = { command: ["x"], replicas: 1 };
    assertEquals(await statusOf(harness, `PUT /v1/services/${name}`, { ...asRoot, body }), 201);
  }
  await harness.shell.until(() => harness.api.state.replicas.size === 2, 1_000);
  return harness;
}

function replicaOf(harness: Harness, service: string): string {
  const found = [...harness.api.state.replicas.values()].find(({ record }) => record.service === service);
  return found?.record.id ?? "";
}

Deno.test("a viewer reads everything and writes nothing; an operator writes all but access", async () => {
  await using harness = await startTwo();
  const viewer = await tokenFor(harness, { name: "viewer", role: "viewer" });
  const operator = await tokenFor(harness, { name: "operator", role: "operator" });
  for (const path of ["/status", "/metrics", "/v1/services", "/v1/nodes", "/v1/replicas", "/v1/events"]) {
    assertEquals(await statusOf(harness, `GET ${path}`, viewer), 200, path);
    assertEquals(await statusOf(harness, `HEAD ${path}`, viewer), 200, path);
  }
  const writes = ROUTES.filter(({ method, needs }) => method !== "GET" && needs !== "viewer" && needs !== "open");
  for (const { method, path } of writes) {
    const line = `${method} ${path.replace(/:\w+/, "db")}`;
    assertEquals(await statusOf(harness, line, { ...viewer, body: {} }), 403, line);
  }
  assertEquals(await statusOf(harness, "POST /scale", { ...operator, body: { replicas: 1 } }), 202);
  assertEquals(await statusOf(harness, "POST /v1/nodes/alpha/drain", operator), 202);
});

Deno.test("a token for some services reads those alone", async () => {
  await using harness = await startTwo();
  const scoped = await tokenFor(harness, { name: "web", role: "viewer", services: ["web-*", "new"] });
  const status = Status.parse(await jsonOf(harness, "/status", scoped));
  assertEquals(status.services.map(({ name }) => name), ["web-1"]);
  assertEquals(status.nodes.map(({ name, replicas }) => [name, replicas]), [["alpha", 1]]);
  const namesOf = (page: { items: { name: string }[] }) => page.items.map(({ name }) => name);
  assertEquals(namesOf(await jsonOf(harness, "/v1/services", scoped)), ["web-1"]);
  assertEquals(namesOf(await jsonOf(harness, "/v1/replicas", scoped)), ["web-1.0"]);
  assertEquals(namesOf(await jsonOf(harness, "/v1/replicas?node=alpha", scoped)), ["web-1.0"]);
  assertEquals(namesOf(await jsonOf(harness, "/v1/replicas?node=omega", scoped)), []);
  const all = (await jsonOf(harness, "/v1/events", asRoot)).events;
  const { events } = await jsonOf(harness, "/v1/events?limit=1", scoped);
  assertEquals([events.length, events[0].service], [1, "web-1"]);
  assertEquals(all.some(({ service }: { service?: string }) => service === "db"), true);
  for (
    const path of ["/v1/services/db", "/v1/services/db/logs", "/v1/endpoints/db", "/v1/replicas?service=db"]
      .concat([`/v1/replicas/${replicaOf(harness, "db")}`, `/v1/replicas/${replicaOf(harness, "db")}/logs`])
      .concat(["/v1/nodes", "/v1/nodes/alpha", "/metrics", "/v1/tokens"])
  ) {
    assertEquals(await statusOf(harness, `GET ${path}`, scoped), 403, path);
  }
  for (const path of ["/v1/services/web-1", "/v1/endpoints/web-1", `/v1/replicas/${replicaOf(harness, "web-1")}`]) {
    assertEquals(await statusOf(harness, `GET ${path}`, scoped), 200, path);
  }
  const unknown = await harness.call("GET", "/v1/services/new", scoped);
  const { status: code, detail } = await unknown.json();
  assertEquals([code, detail], [404, 'there is no service "new"; known: web-1']);
});

Deno.test("a token for some services writes to those alone, and nothing that is the whole cluster's", async () => {
  await using harness = await startTwo();
  const scoped = await tokenFor(harness, { name: "web", role: "operator", services: ["web-*"] });
  const body = { command: ["y"] };
  for (
    const [line, sent] of [
      ["POST /scale", { replicas: 1 }],
      ["POST /scale", { replicas: 1, service: "db" }],
      ["PUT /v1/services/db", body],
      ["DELETE /v1/services/db", undefined],
      ["POST /v1/services/db/restart", undefined],
      ["POST /v1/services/db/scale", { replicas: 2 }],
      [`POST /v1/replicas/${replicaOf(harness, "db")}/restart`, undefined],
      ["POST /add-node", { url: "http://127.0.0.1:9" }],
      ["POST /v1/nodes", { url: "http://127.0.0.1:9" }],
      ["POST /v1/nodes/alpha/drain", undefined],
      ["DELETE /v1/nodes/alpha", undefined],
    ] as const
  ) {
    assertEquals(await statusOf(harness, line, { ...scoped, body: sent }), 403, line);
  }
  assertEquals(await statusOf(harness, "POST /scale", { ...scoped, body: { replicas: 1, service: "web-1" } }), 202);
  assertEquals(await statusOf(harness, "PUT /v1/services/web-2", { ...scoped, body }), 201);
  assertEquals(await statusOf(harness, `POST /v1/replicas/${replicaOf(harness, "web-1")}/restart`, scoped), 202);
});

Deno.test("a refusal says what is missing", async () => {
  await using harness = await startTwo();
  const scoped = await tokenFor(harness, { name: "web", role: "viewer", services: ["web-*"] });
  const detailOf = async (line: string) => {
    const [method = "", path = ""] = line.split(" ");
    return (await (await harness.call(method, path, scoped)).json()).detail;
  };
  assertStringIncludes(await detailOf("DELETE /v1/services/web-1"), "needs the role operator");
  assertStringIncludes(await detailOf("GET /v1/services/db"), 'for web-*, and not for "db"');
  assertStringIncludes(await detailOf("GET /v1/nodes"), "about the whole cluster");
});

Deno.test("on an open controller a token that is given counts, and none is needed", async () => {
  await using harness = await startApi();
  const response = await harness.call("POST", "/v1/tokens", { body: { name: "ada", role: "viewer" } });
  const { token } = await response.json();
  const viewer = { headers: { authorization: `Bearer ${token}` } };
  assertEquals(await statusOf(harness, "POST /scale", { ...viewer, body: { replicas: 1 } }), 403);
  assertEquals(await statusOf(harness, "POST /scale", { body: { replicas: 1 } }), 202);
  const unknown = { headers: { authorization: "Bearer whatever" } };
  assertEquals(await statusOf(harness, "POST /scale", { ...unknown, body: { replicas: 2 } }), 202);
});
