import { assert, assertEquals, assertMatch } from "@std/assert";
import { NodeView } from "../../../lib/wire/api.ts";
import { type CallOptions, type Harness, startApi } from "./harness.ts";

async function nodeOf(harness: Harness, name: string): Promise<NodeView> {
  return NodeView.parse(await (await harness.call("GET", `/v1/nodes/${name}`)).json());
}

async function kinds(harness: Harness): Promise<string[]> {
  const { events } = await (await harness.call("GET", "/v1/events?limit=1000")).json();
  return events.map(({ kind }: { kind: string }) => kind).filter((kind: string) => kind.startsWith("node_"));
}

Deno.test("POST drain without a body waits for as long as it takes, and activate ends it", async () => {
  await using harness = await startApi();
  await harness.addNode("n1");
  const drained = await harness.call("POST", "/v1/nodes/n1/drain");
  assertEquals(drained.status, 202);
  const { draining, drain } = await nodeOf(harness, "n1");
  assert(draining);
  assertEquals({ ...drain, since: "" }, {
    since: "",
    by: "",
    deadline: null,
    deadline_at: null,
    overdue: false,
    moved: 0,
    remaining: 0,
    waiting: [],
  });
  assertEquals((await harness.call("POST", "/v1/nodes/n1/activate")).status, 202);
  assertEquals((await nodeOf(harness, "n1")).drain, null);
  const told = await kinds(harness);
  assertEquals(told.slice(-3), ["node_draining", "node_drained", "node_activated"]);
});

Deno.test("POST drain with a deadline says when it is over, is the same when repeated, and can be changed", async () => {
  await using harness = await startApi();
  await harness.addNode("n1");
  const drain = (body: unknown) => harness.call("POST", "/v1/nodes/n1/drain", { body });
  const first = await (await drain({ deadline: "10m" })).json();
  const { drain: shown } = await nodeOf(harness, "n1");
  const leftMs = Date.parse(shown?.deadline_at ?? "") - Date.now();
  assert(leftMs > 500_000 && leftMs <= 600_000, `${leftMs}`);
  const again = await (await drain({ deadline: "10m" })).json();
  assertEquals(again.revision, first.revision);
  const other = await (await drain({ deadline: "1h" })).json();
  assert(other.revision > first.revision);
  assertEquals((await nodeOf(harness, "n1")).drain?.deadline, "1h");
});

for (const body of ["{", "[]", { deadline: "soon" }, { deadline: "0s" }, { deadline: 5 }, { dead: "5m" }]) {
  Deno.test(`POST drain refuses ${JSON.stringify(body)} and changes nothing`, async () => {
    await using harness = await startApi();
    await harness.addNode("n1");
    const { revision } = harness.api.state;
    const answer = await harness.call("POST", "/v1/nodes/n1/drain", { body });
    assertEquals(answer.status, 400);
    assertMatch((await answer.json()).detail, /\{"deadline":"10m"\}/);
    assertEquals(harness.api.state.revision, revision);
  });
}

Deno.test("PATCH keeps an operator's labels beside the agent's own, and null takes them away", async () => {
  await using harness = await startApi();
  await harness.addNode("n1");
  const patch = (body: unknown, options: CallOptions = {}) =>
    harness.call("PATCH", "/v1/nodes/n1", { body, ...options });
  assertEquals((await patch({ labels: { zone: "b", disk: "ssd" } })).status, 202);
  const before = await nodeOf(harness, "n1");
  assertEquals(before.labels, { disk: "ssd", zone: "b" });
  const stale = await patch({ labels: { zone: "c" } }, { headers: { "if-match": `"${before.revision - 1}"` } });
  assertEquals(stale.status, 412);
  const fresh = await patch({ labels: { zone: null } }, { headers: { "if-match": `"${before.revision}"` } });
  assertEquals(fresh.status, 202);
  const after = await nodeOf(harness, "n1");
  assertEquals(after.labels, { disk: "ssd" });
  assertEquals(harness.api.state.nodesByName[0]?.record.given_labels, { disk: "ssd" });
  const unchanged = await (await patch({ labels: { disk: "ssd", zone: null } })).json();
  assertEquals(unchanged.revision, after.revision);
  assert((await kinds(harness)).includes("node_labelled"));
});

const WRONG = [
  {},
  { labels: { "": "b" } },
  { labels: { "-zone": "b" } },
  { labels: { zone: "" } },
  { labels: { zone: "a\nb" } },
  { labels: { zone: 5 } },
  { labels: { ["x".repeat(64)]: "b" } },
  { labels: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`l${at}`, "b"])) },
  { label: { zone: "b" } },
];
Deno.test("PATCH refuses what is no label with the rule, and changes nothing", async () => {
  await using harness = await startApi();
  await harness.addNode("n1");
  const { revision } = harness.api.state;
  for (const body of WRONG) {
    const answer = await harness.call("PATCH", "/v1/nodes/n1", { body });
    assertEquals(answer.status, 400, JSON.stringify(body));
    assertMatch((await answer.json()).detail, /label/);
  }
  assertEquals(harness.api.state.revision, revision);
  assertEquals((await harness.call("PATCH", "/v1/nodes/nobody", { body: { labels: {} } })).status, 404);
});

Deno.test("what changes a node is for operators", async () => {
  await using harness = await startApi({ token: "t".repeat(32) });
  await harness.addNode("n1");
  const admin = { authorization: `Bearer ${"t".repeat(32)}` };
  const made = await harness.call("POST", "/v1/tokens", { headers: admin, body: { name: "eve", role: "viewer" } });
  const viewer = { authorization: `Bearer ${(await made.json()).token}` };
  for (const [method, path] of [["PATCH", ""], ["POST", "/drain"], ["POST", "/activate"]] as const) {
    const body = method === "PATCH" ? { labels: { a: "b" } } : undefined;
    assertEquals((await harness.call(method, `/v1/nodes/n1${path}`, { headers: viewer, body })).status, 403);
    assertEquals((await harness.call(method, `/v1/nodes/n1${path}`, { headers: admin, body })).status, 202);
  }
});

Deno.test("PATCH counts the labels that a node has in the end, and takes some away when there are too many", async () => {
  await using harness = await startApi();
  await harness.addNode("n1");
  const labels = (prefix: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${n}`, "v"]));
  const patch = (body: unknown) => harness.call("PATCH", "/v1/nodes/n1", { body });
  assertEquals((await patch({ labels: labels("a", 64) })).status, 202);
  const refused = await patch({ labels: { b: "v" } });
  assertEquals(refused.status, 400);
  assertMatch((await refused.json()).detail, /n1 would have 65 labels, and 64 are the most/);
  assertEquals((await patch({ labels: { b: "v", a0: null } })).status, 202);
  assertEquals(Object.keys((await nodeOf(harness, "n1")).labels).length, 64);
});

Deno.test("POST drain takes a body of nothing but spaces for none", async () => {
  await using harness = await startApi();
  await harness.addNode("n1");
  assertEquals((await harness.call("POST", "/v1/nodes/n1/drain", { body: " \n" })).status, 202);
});
