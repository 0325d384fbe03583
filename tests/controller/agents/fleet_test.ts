import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AgentClient } from "../../../lib/controller/agents/agent_client.ts";
import type { LoopInput } from "../../../lib/controller/loop/effect.ts";
import { Fleet } from "../../../lib/controller/agents/fleet.ts";
import { granted } from "../../support/granted.ts";
import { type FakeAgent, startFakeAgent } from "../fake_agent.ts";

const NODE = "00000000-0000-4000-8000-00000000000a";
const options = { ignore: !granted };

/** A fleet whose reports can be waited for. */
class Reports implements AsyncDisposable {
  readonly client = new AgentClient({ now: () => performance.now(), token: "a-token" });
  readonly fleet = new Fleet({ client: this.client, report: (input) => this.#take(input) });
  readonly #inputs: LoopInput[] = [];
  #waiting: ((input: LoopInput) => void)[] = [];

  next(): Promise<LoopInput> {
    const input = this.#inputs.shift();
    return input === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(input);
  }

  #take(input: LoopInput): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#inputs.push(input);
    else waiting(input);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet.close();
    this.client[Symbol.dispose]();
  }
}

function probe({ url }: { url: string }, deadlineMs = 5_000) {
  return { kind: "probe" as const, node: NODE, url, probe: 1, deadlineMs };
}

function sendOrders({ url }: FakeAgent, deadlineMs = 5_000) {
  const orders = { cluster: crypto.randomUUID(), epoch: 3, revision: 7, node: "a", replicas: [], services: [] };
  return { kind: "send_orders" as const, node: NODE, url, send: 4, orders, deadlineMs };
}

async function reasonOf(reports: Reports): Promise<string> {
  const input = await reports.next();
  return "reason" in input ? `${input.kind}: ${input.reason}` : input.kind;
}

Deno.test(
  "a probe is answered by what the agent says of itself, and carries version and credential",
  options,
  async () => {
    await using agent = startFakeAgent("a");
    let protocol: string | null = null;
    agent.answer = (request) => {
      protocol = request.headers.get("muster-protocol");
      return undefined;
    };
    await using reports = new Reports();
    reports.fleet.perform(probe(agent));
    assertEquals(await reports.next(), { kind: "probe_answered", node: NODE, probe: 1, health: agent.health });
    assertEquals([agent.asked, protocol], [["GET /v1/health Bearer a-token"], "1"]);
  },
);

Deno.test(
  "a probe fails with the reason: refused, too late, a redirect, something else that answers",
  options,
  async () => {
    await using agent = startFakeAgent("a");
    await using reports = new Reports();
    agent.answer = agent.silence;
    reports.fleet.perform(probe(agent, 50));
    assertEquals(await reasonOf(reports), "probe_failed: no answer within 0.05 s");
    agent.answer = () => Response.redirect("http://127.0.0.1:1/v1/health", 307);
    reports.fleet.perform(probe(agent));
    assertStringIncludes(await reasonOf(reports), "redirect (307), which is not followed");
    agent.answer = () => new Response("<h1>It works</h1>");
    reports.fleet.perform(probe(agent));
    assertEquals(await reasonOf(reports), "probe_failed: what answers there is no agent of Muster");
    agent.answer = () => new Response("x".repeat(100_000));
    reports.fleet.perform(probe(agent));
    assertStringIncludes(await reasonOf(reports), "far too long");
    reports.fleet.perform(probe({ url: await addressOfNobody() }));
    assertEquals(await reasonOf(reports), "probe_failed: connection refused");
  },
);

/** An address at which somebody listened until a moment ago. */
async function addressOfNobody(): Promise<string> {
  await using agent = startFakeAgent("gone");
  return agent.url;
}

Deno.test("a silent agent holds nobody else up", options, async () => {
  await using silent = startFakeAgent("silent");
  silent.answer = silent.silence;
  await using agent = startFakeAgent("a");
  await using reports = new Reports();
  for (let count = 0; count < 100; count++) reports.fleet.perform(probe(silent, 60_000));
  reports.fleet.perform(probe(agent));
  assertEquals((await reports.next()).kind, "probe_answered");
});

Deno.test("orders are answered by the agent's reply, refusals as well", options, async () => {
  await using agent = startFakeAgent("a");
  await using reports = new Reports();
  reports.fleet.perform(sendOrders(agent));
  const reply = { kind: "accepted" as const, epoch: 3, revision: 7 };
  assertEquals(await reports.next(), { kind: "orders_answered", node: NODE, send: 4, reply });
  agent.reply = () => ({ kind: "stale", epoch: 9, revision: 1 });
  reports.fleet.perform(sendOrders(agent));
  const input = await reports.next();
  assertEquals(input.kind === "orders_answered" && input.reply, { kind: "stale", epoch: 9, revision: 1 });
  agent.answer = () => new Response(null, { status: 401 });
  reports.fleet.perform(sendOrders(agent));
  assertStringIncludes(await reasonOf(reports), "orders_failed: it refuses the controller's credential");
});

Deno.test(
  "the lines of an observation stream come one by one, until it ends, is closed, or is not understood",
  options,
  async () => {
    await using agent = startFakeAgent("a");
    await using reports = new Reports();
    const open = (stream: number) =>
      reports.fleet.perform({ kind: "open_stream", node: NODE, url: agent.url, stream, after: 0 });
    open(1);
    const first = await reports.next();
    assert(first.kind === "line" && first.line.kind === "snapshot");
    agent.say({ kind: "heartbeat", seq: 2 });
    assertEquals(await reports.next(), { kind: "line", node: NODE, stream: 1, line: { kind: "heartbeat", seq: 2 } });
    agent.hangUp();
    assertEquals(await reasonOf(reports), "stream_ended: the agent ended it");
    open(2);
    await reports.next();
    agent.say('{"kind":"nonsense"}');
    assertEquals(await reasonOf(reports), "stream_ended: a line of its observations is not understood");
    agent.hangUp();
    open(3);
    await reports.next();
    reports.fleet.perform({ kind: "close_stream", node: NODE, stream: 3 });
    assertEquals((await reports.next()).kind, "stream_ended");
  },
);

Deno.test("a name is connected to at the address that it stands for, unless that is forbidden", options, async () => {
  await using agent = startFakeAgent("a");
  const { port } = new URL(agent.url);
  const addresses: Record<string, string[]> = { "good.example": ["127.0.0.1"], "bad.example": ["169.254.169.254"] };
  using client = new AgentClient({ now: () => 0, lookup: (name) => Promise.resolve(addresses[name] ?? []) });
  const answers: string[] = [];
  const done = Promise.withResolvers<void>();
  const fleet = new Fleet({
    client,
    report: (input) => {
      answers.push("reason" in input ? input.reason : input.kind);
      if (answers.length === 3) done.resolve();
    },
  });
  for (const name of ["good", "bad", "unknown"]) fleet.perform(probe({ url: `http://${name}.example:${port}` }));
  await done.promise;
  await fleet.close();
  assertEquals(answers.sort(), [
    "bad.example is the link-local address 169.254.169.254, which no agent has",
    "no address is known for unknown.example",
    "probe_answered",
  ]);
});
