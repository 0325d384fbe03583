import { assertEquals } from "@std/assert";
import { NoAnswer } from "../../../lib/controller/agents/agent_client.ts";
import { type AgentUsage, TrafficView, UsageView } from "../../../lib/wire/usage.ts";
import { type CallOptions, type Harness, startApi } from "./harness.ts";

const ROOT = "root-token-of-enough-length-0123";
const asRoot = { headers: { authorization: `Bearer ${ROOT}` } };

/** Two services on two nodes, whose agents tell of all their replicas, and a third node that is silent. */
async function startMeasured(): Promise<Harness> {
  const harness = await startApi({ token: ROOT });
  for (const name of ["one", "two"]) await harness.addNode(name);
  for (const name of ["web", "db"]) {
    await harness.call("PUT", `/v1/services/${name}`, { ...asRoot, body: { command: [name], replicas: 2 } });
  }
  const { state } = harness.api;
  await harness.shell.until(() => state.replicas.size === 4, 10_000);
  await harness.addNode("three");
  harness.api.client.request = (url) => {
    const node = state.nodesByName.find(({ record }) => record.url === url)!;
    if (node.record.name === "three") return Promise.reject(new NoAnswer("connection refused"));
    const replicas = [...node.replicas, "00000000-0000-4000-8000-00000000aaaa"].map((id) => ({
      id,
      cpu: 0.25,
      memory_bytes: 100,
    }));
    const usage: AgentUsage = { cpu: 1.5, memory_bytes: 1_000, replicas };
    return Promise.resolve(new Response(`${JSON.stringify(usage)}\n`));
  };
  return harness;
}

async function usage({ call }: Harness, query = "", options: CallOptions = asRoot): Promise<UsageView> {
  return UsageView.parse(await (await call("GET", `/v1/usage${query}`, options)).json());
}

const names = ({ nodes, replicas, silent }: UsageView) => ({
  nodes: nodes.map(({ name }) => name),
  replicas: replicas.map(({ name }) => name),
  silent,
});

Deno.test("GET /v1/usage tells of all nodes and replicas, and who is silent", async () => {
  await using harness = await startMeasured();
  const all = await usage(harness);
  assertEquals(names(all), { nodes: ["one", "two"], replicas: ["db.0", "db.1", "web.0", "web.1"], silent: ["three"] });
  assertEquals([all.nodes[0]!.cpu, all.nodes[0]!.memory_bytes], [1.5, 1_000]);
  const { service, cpu, memory_bytes } = all.replicas[0]!;
  assertEquals([service, cpu, memory_bytes], ["db", 0.25, 100]);
});

Deno.test("GET /v1/usage tells of one service, or of one node", async () => {
  await using harness = await startMeasured();
  assertEquals(names(await usage(harness, "?service=web")), {
    nodes: ["one", "two"],
    replicas: ["web.0", "web.1"],
    silent: [],
  });
  const one = await usage(harness, "?node=one");
  assertEquals([names(one).nodes, one.replicas.length], [["one"], 2]);
  assertEquals((await harness.call("GET", "/v1/usage?node=nowhere", asRoot)).status, 404);
  assertEquals((await harness.call("GET", "/v1/usage?service=nothing", asRoot)).status, 404);
});

Deno.test("a token for some services learns what these use, and nothing of what nodes use in all", async () => {
  await using harness = await startMeasured();
  const body = { name: "ada", role: "viewer", services: ["web"] };
  const { token } = await (await harness.call("POST", "/v1/tokens", { ...asRoot, body })).json();
  const asAda = { headers: { authorization: `Bearer ${token}` } };
  assertEquals(names(await usage(harness, "", asAda)), { nodes: [], replicas: ["web.0", "web.1"], silent: [] });
  assertEquals(names(await usage(harness, "?node=three", asAda)), { nodes: [], replicas: [], silent: [] });
  assertEquals(names(await usage(harness, "?node=nowhere", asAda)), { nodes: [], replicas: [], silent: [] });
  assertEquals((await harness.call("GET", "/v1/usage?service=db", asAda)).status, 403);
  assertEquals((await harness.call("GET", "/v1/services/db/traffic", asAda)).status, 403);
  assertEquals((await harness.call("GET", "/v1/services/web/traffic", asAda)).status, 200);
});

Deno.test("GET /v1/services/{name}/traffic tells seconds", async () => {
  await using harness = await startApi();
  harness.api.traffic = () => ({
    intervalMs: 5_000,
    points: [
      { endMs: 0, requests: 2, errors: 1, p50Ms: 1.5, p99Ms: 250 },
      { endMs: 5_000, requests: 0, errors: 0, p50Ms: undefined, p99Ms: undefined },
    ],
  });
  const { body } = await harness.call("GET", "/v1/services/payload/traffic");
  assertEquals(TrafficView.parse(JSON.parse(await new Response(body).text())), {
    service: "payload",
    interval_s: 5,
    points: [
      { at: "1970-01-01T00:00:00.000Z", requests: 2, errors: 1, p50_s: 0.0015, p99_s: 0.25 },
      { at: "1970-01-01T00:00:05.000Z", requests: 0, errors: 0, p50_s: null, p99_s: null },
    ],
  });
  assertEquals((await harness.call("GET", "/v1/services/nothing/traffic")).status, 404);
});
