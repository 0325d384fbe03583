import { assertEquals, assertStringIncludes } from "@std/assert";
import { NoAnswer } from "../../../lib/controller/agents/agent_client.ts";
import { ReplicaView } from "../../../lib/wire/api.ts";
import { type CallOptions, type Harness, startApi } from "./harness.ts";

/** A replica, and how to speak of it. */
async function replicaIn(harness: Harness) {
  await harness.addNode("a");
  await harness.call("POST", "/scale", { body: { replicas: 1 } });
  await harness.shell.until(() => harness.api.state.replicas.size === 1, 1_000);
  const id = [...harness.api.state.replicas.keys()][0]!;
  const post = async (verb: string, options: CallOptions = {}) => {
    const response = await harness.call("POST", `/v1/replicas/${id}/${verb}`, options);
    return { status: response.status, body: await response.json() };
  };
  return { id, post, record: () => harness.api.state.replicas.get(id)!.record };
}

Deno.test("a replica has a revision, and of two who restart it from the same one the second is refused", async () => {
  await using harness = await startApi();
  const { id, post, record } = await replicaIn(harness);
  const read = await harness.call("GET", `/v1/replicas/${id}`);
  const { revision } = ReplicaView.parse(await read.json());
  assertEquals(read.headers.get("etag"), `"${revision}"`);
  const headers = { "if-match": `"${revision}"` };
  assertEquals((await post("restart", { headers })).status, 202);
  const late = await post("restart", { headers });
  assertEquals([late.status, late.body.revision], [412, harness.api.state.revision]);
  assertEquals(record().restart_seq, 1);
});

Deno.test("a replica that is stopped is withdrawn, once, and another one takes its slot", async () => {
  await using harness = await startApi();
  const { post, record } = await replicaIn(harness);
  assertEquals((await post("stop?dry_run=true")).body.dry_run, true);
  assertEquals(record().draining, false);
  assertEquals((await post("stop")).status, 202);
  assertEquals([record().draining, record().reason], [true, "stopped by somebody"]);
  const again = await post("stop");
  assertEquals([again.status, again.body.type], [409, "urn:muster:problem:replica-draining"]);
  await harness.shell.until(() => harness.api.state.replicas.size === 2, 1_000);
  const slots = [...harness.api.state.replicas.values()].map(({ record }) => [record.slot, record.draining]);
  assertEquals(slots, [[0, true], [0, false]]);
});

Deno.test("a signal goes to the agent with epoch and revision, and what it answers is told", async () => {
  await using harness = await startApi();
  const { id, post } = await replicaIn(harness);
  const { client, state } = harness.api;
  const sent: unknown[] = [];
  let status = 202;
  client.request = (_base, path, { method, body = "" }) => {
    sent.push([method, path, JSON.parse(String(body))]);
    return Promise.resolve(new Response("{}", { status }));
  };
  const body = { signal: "SIGHUP" };
  assertEquals((await post("signal?dry_run=true", { body })).body, {
    id,
    name: "payload.0",
    signal: "SIGHUP",
    dry_run: true,
  });
  assertEquals(sent, []);
  assertEquals(await post("signal", { body }), { status: 202, body: { id, name: "payload.0", signal: "SIGHUP" } });
  const { epoch, revision } = state;
  assertEquals(sent, [["POST", `/v1/replicas/${id}/signal`, { signal: "SIGHUP", epoch, revision }]]);
  status = 404;
  assertStringIncludes((await post("signal", { body })).body.detail, "has no process");
  status = 500;
  assertEquals((await post("signal", { body })).status, 502);
  client.request = () => Promise.reject(new NoAnswer("nobody is there"));
  assertStringIncludes((await post("signal", { body })).body.detail, "nobody is there");
});

Deno.test("a signal that is none, stale, or under a key that would not be kept, is refused and sent to nobody", async () => {
  await using harness = await startApi();
  const { post } = await replicaIn(harness);
  harness.api.client.request = () => Promise.reject(new Error("nobody is to be asked"));
  const body = { signal: "SIGHUP" };
  for (const wrong of [{ signal: "SIGSEGV" }, { signal: 1 }, { sig: "SIGHUP" }, "", "[]"]) {
    assertEquals((await post("signal", { body: wrong })).status, 400, JSON.stringify(wrong));
  }
  assertEquals((await post("signal", { body, headers: { "if-match": '"1"' } })).status, 412);
  const keyed = await post("signal", { body, headers: { "idempotency-key": "k" } });
  assertEquals(keyed.status, 400);
  assertStringIncludes(keyed.body.detail, '"Idempotency-Key" has no effect on this');
});
