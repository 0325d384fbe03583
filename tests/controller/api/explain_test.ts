import { assert, assertEquals, assertMatch } from "@std/assert";
import { ExplainView } from "../../../lib/wire/explain.ts";
import { type Harness, startApi } from "./harness.ts";

const SPEC = { command: ["web"], replicas: 2, placement: { max_per_node: 1 } };
const TOKEN = "t".repeat(32);

async function started(harness: Harness, headers: Record<string, string> = {}): Promise<string> {
  const node = await harness.addNode("n1");
  for (const name of ["web", "other"]) {
    assert((await harness.call("PUT", `/v1/services/${name}`, { body: SPEC, headers })).ok);
  }
  const { replicas } = harness.api.state;
  await harness.api.until(() => replicas.size === 2 && harness.api.waits().length > 0, 5_000);
  return node;
}

async function explain(harness: Harness, path: string, headers: Record<string, string> = {}): Promise<ExplainView> {
  const answer = await harness.call("GET", `/v1/explain/${path}`, { headers });
  const body = await answer.json();
  assertEquals(answer.status, 200, JSON.stringify(body));
  return ExplainView.parse(body);
}

Deno.test("GET explain of a service says why not more of it run, node by node, with what happened", async () => {
  await using harness = await startApi();
  await started(harness);
  const { kind, name, summary, nodes, events } = await explain(harness, "web");
  assertEquals([kind, name], ["service", "web"]);
  assertMatch(summary, /^0 of 2 ready: web\.1 waits: no node has room: n1: has 1 already, which is max_per_node$/);
  assertEquals(nodes, [{ node: "n1", reason: "has 1 already, which is max_per_node" }]);
  assertEquals(events.map((event) => event.kind), ["service_changed", "replica_waiting", "replica_assigned"]);
});

Deno.test("GET explain of a service says last what keeps clients from reaching it", async () => {
  await using harness = await startApi();
  await started(harness);
  harness.api.obstacles = (service) => service === "web" ? ["routes of web can't be reached: why"] : [];
  assertEquals((await explain(harness, "web")).because.at(-1), "routes of web can't be reached: why");
  for (const name of ["other", "web.0", "n1"]) {
    assertEquals((await explain(harness, name)).because.filter((reason) => reason.includes("routes")), []);
  }
});

Deno.test("GET explain of a replica goes by its slot or id, and also by a slot that nothing fills", async () => {
  await using harness = await startApi();
  await started(harness);
  const bySlot = await explain(harness, "web.0");
  const byId = await explain(harness, bySlot.id ?? "");
  assertEquals({ ...byId, placement: undefined }, { ...bySlot, placement: undefined });
  assertEquals([bySlot.placement?.node, bySlot.placement?.reason], ["n1", "0 of 2 placed"]);
  assertEquals(bySlot.events.map((event) => event.kind), ["replica_assigned"]);
  const empty = await explain(harness, "web.1");
  assertMatch(empty.summary, /^not placed: web\.1 waits: no node has room/);
  assertEquals(empty.events.map((event) => event.kind), ["replica_waiting"]);
});

Deno.test("GET explain of a node says how it is and what it carries", async () => {
  await using harness = await startApi();
  const id = await started(harness);
  for (const called of ["n1", id]) {
    const { kind, because, summary } = await explain(harness, called);
    assertEquals(kind, "node");
    assertMatch(summary, /^ready for /);
    assert(because.includes("it carries 2 replicas: other.0, web.0"), because.join("\n"));
  }
});

Deno.test("GET explain asks which one is meant when a name means two things, and names what is known", async () => {
  await using harness = await startApi();
  await started(harness);
  await harness.addNode("web");
  assertEquals((await harness.call("GET", "/v1/explain/web")).status, 409);
  assertEquals((await explain(harness, "web?kind=service")).kind, "service");
  assertEquals((await explain(harness, "web?kind=node")).kind, "node");
  assertEquals((await harness.call("GET", "/v1/explain/web?kind=host")).status, 400);
  const unknown = await harness.call("GET", "/v1/explain/wbe");
  assertEquals(unknown.status, 404);
  assertMatch((await unknown.json()).detail, /there is no name "wbe"; known: n1, other, payload, web, web/);
  assertEquals((await harness.call("GET", "/v1/explain/web.7")).status, 404);
});

Deno.test("GET explain shows a token for some services those, and nodes only as far as they carry them", async () => {
  await using harness = await startApi({ token: TOKEN });
  const admin = { authorization: `Bearer ${TOKEN}` };
  await started(harness, admin);
  await harness.addNode("n2");
  await harness.call("POST", "/v1/nodes/n2/drain", { headers: admin });
  const tokenFor = async (services: string[]) => {
    const body = { name: services.join("."), role: "viewer", services };
    const made = await harness.call("POST", "/v1/tokens", { headers: admin, body });
    return { authorization: `Bearer ${(await made.json()).token}` };
  };
  const [web, none] = [await tokenFor(["web"]), await tokenFor(["nothing"])];
  assertEquals((await explain(harness, "web", web)).kind, "service");
  const node = await explain(harness, "n1", web);
  assert(node.because.includes("it carries 1 replicas: web.0"), node.because.join("\n"));
  assert(node.events.every(({ text }) => !text.includes("other")));
  const known = [
    ["other", web, "n1, web"],
    ["other.0", web, "n1, web"],
    ["web", none, "none"],
    ["n1", none, "none"],
  ] as const;
  for (const [name, headers, names] of known) {
    const refused = await harness.call("GET", `/v1/explain/${name}`, { headers });
    assertEquals(refused.status, 404);
    const { detail } = await refused.json();
    assert(detail.endsWith(`known: ${names}`), detail);
  }
});
