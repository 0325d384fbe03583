import { assert, assertEquals, assertMatch } from "@std/assert";
import { type AgentApi, agentApi } from "../../lib/agent/api.ts";
import { bearerGuard } from "../../lib/agent/http/bearer.ts";
import { Feed } from "../../lib/agent/feed.ts";
import type { HttpRequest } from "../../lib/agent/http/http_message.ts";

const IDENTITY = "33333333-3333-4333-8333-333333333333";

interface Asked {
  headers?: [string, string][];
  body?: string;
  token?: string;
  cluster?: string | null;
  learn?: AgentApi["learn"];
}

/** Asks an agent's API without a server. */
async function ask(
  method: string,
  target: string,
  { headers = [], body = "", token, cluster = null, learn = () => true }: Asked = {},
) {
  const url = new URL(target, "http://agent");
  const api = agentApi({
    guard: bearerGuard(token),
    health: () => ({
      program: "muster-agent",
      identity: IDENTITY,
      name: "n1",
      version: "0",
      cluster,
      epoch: 2,
      revision: 3,
      labels: {},
      capacity: { cpu: 1, memory: 1 },
      leaving: false,
      endpoints: { epoch: 2, seq: 7 },
    }),
    hear: () => ({ run: IDENTITY, reply: 1 }),
    learn,
    feed: new Feed({ identity: IDENTITY, firstSeq: 0, onAudience: () => undefined }),
    follow: ({ epoch, revision }) => Promise.resolve({ kind: "accepted", epoch, revision }),
    artifacts: { take: () => ({ kind: "unwanted" }), putChunk: () => Promise.resolve(true) },
    signal: () => false,
    readLogs: async function* () {},
    usage: () => Promise.resolve({ cpu: 0.5, memory_bytes: 7, replicas: [] }),
    metrics: () => "muster_up 1\n",
  });
  const reply = await api(
    {
      method,
      target,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: (async function* () {})(),
      remote: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
      signal: new AbortController().signal,
      readText: () => Promise.resolve(body),
    } satisfies HttpRequest,
  );
  const text = typeof reply.body === "string" ? reply.body : "";
  return { status: reply.status, headers: reply.headers ?? {}, text };
}

const problemOf = ({ text }: { text: string }) => JSON.parse(text);

Deno.test("agentApi() wants the token on everything, when there is one", async () => {
  const bearer = (token: string): [string, string][] => [["Authorization", `Bearer ${token}`]];
  for (const [method, path] of [["GET", "/v1/health"], ["GET", "/metrics"], ["GET", "/nowhere"]] as const) {
    const refused = await ask(method, path, { token: "right" });
    assertEquals([refused.status, problemOf(refused).type], [401, "urn:muster:problem:unauthorized"]);
  }
  for (const wrong of ["wrong", "righ", "rightt", ""]) {
    assertEquals((await ask("GET", "/v1/health", { token: "right", headers: bearer(wrong) })).status, 401);
  }
  assertEquals((await ask("GET", "/v1/health", { token: "right", headers: bearer("right") })).status, 200);
});

Deno.test("agentApi() refuses a protocol that it doesn't speak", async () => {
  const refused = await ask("GET", "/v1/health", { headers: [["Muster-Protocol", "99"]] });
  assertEquals(refused.status, 426);
  assertEquals((await ask("GET", "/v1/health", { headers: [["Muster-Protocol", "1"]] })).status, 200);
  assertEquals((await ask("GET", "/v1/health")).headers["muster-protocol"], "1");
});

Deno.test("agentApi() answers 405 with Allow and 404 with a problem", async () => {
  const wrongMethod = await ask("POST", "/v1/assignments");
  assertEquals([wrongMethod.status, wrongMethod.headers["allow"]], [405, "PUT"]);
  assertEquals((await ask("constructor", "/v1/health")).status, 405);
  assertEquals(problemOf(await ask("GET", "/v1/nothing")).type, "urn:muster:problem:not-found");
});

Deno.test("agentApi() says what is wrong with orders", async () => {
  for (const body of ["", "[]", "{", "null", '{"cluster":"x"}']) {
    const refused = await ask("PUT", "/v1/assignments", { body });
    assertEquals(refused.status, 400);
  }
  const { errors } = problemOf(await ask("PUT", "/v1/assignments", { body: '{"cluster":"x"}' }));
  assertEquals(errors[0].pointer, "/cluster");
  const cluster = crypto.randomUUID();
  const orders = { cluster, epoch: 1, revision: 1, node: "n1", replicas: [], from_a_later_version: 1 };
  assertEquals((await ask("PUT", "/v1/assignments", { body: JSON.stringify(orders) })).status, 200);
});

Deno.test("agentApi() refuses bad queries for logs and observations", async () => {
  const logs = `/v1/replicas/${IDENTITY}/logs`;
  for (const query of ["?tail=-1", "?tail=1e9", "?tail=99999", "?follow=maybe", "?stream=in"]) {
    assertEquals((await ask("GET", `${logs}${query}`)).status, 400);
  }
  assertEquals((await ask("GET", `${logs}?tail=5&follow=false&stream=stderr`)).status, 200);
  assertMatch((await ask("GET", "/v1/observations?after=soon")).text, /after/);
});

Deno.test("agentApi() tells what is used", async () => {
  assertEquals(problemOf(await ask("GET", "/v1/usage")), { cpu: 0.5, memory_bytes: 7, replicas: [] });
});

Deno.test("agentApi() answers 404 to a signal for a replica without a process", async () => {
  const body = JSON.stringify({ signal: "SIGHUP", epoch: 2, revision: 3 });
  const refused = await ask("POST", `/v1/replicas/${IDENTITY}/signal`, { body });
  assert(refused.status === 404 && refused.text.includes("has no process here"));
});

const PUSH = {
  cluster: IDENTITY,
  epoch: 2,
  seq: 7,
  after: null,
  services: [{ name: "db", endpoints: [] }],
  revoked: [],
};

Deno.test("PUT /v1/endpoints is taken from the agent's own cluster, and the answer says what is known then", async () => {
  const taken: unknown[] = [];
  const learn: AgentApi["learn"] = (push) => taken.push(push) > 0;
  const { status, text } = await ask("PUT", "/v1/endpoints", { body: JSON.stringify(PUSH), cluster: IDENTITY, learn });
  assertEquals([status, JSON.parse(text)], [200, { epoch: 2, seq: 7 }]);
  assertEquals(taken, [PUSH]);
});

Deno.test("PUT /v1/endpoints refuses what is stale, another cluster's or no list of endpoints", async () => {
  const body = JSON.stringify(PUSH);
  const stale = await ask("PUT", "/v1/endpoints", { body, cluster: IDENTITY, learn: () => false });
  assertEquals([stale.status, JSON.parse(stale.text).type], [409, "urn:muster:problem:stale"]);
  assertEquals(JSON.parse(stale.text).reply, { epoch: 2, seq: 7 });
  for (const cluster of [null, "44444444-4444-4444-8444-444444444444"]) {
    const foreign = await ask("PUT", "/v1/endpoints", { body, cluster });
    assertEquals([foreign.status, JSON.parse(foreign.text).type], [409, "urn:muster:problem:foreign-cluster"]);
  }
  const bad = { ...PUSH, services: [{ name: "db", endpoints: [{ replica: "1" }] }] };
  assertEquals((await ask("PUT", "/v1/endpoints", { body: JSON.stringify(bad), cluster: IDENTITY })).status, 400);
});
