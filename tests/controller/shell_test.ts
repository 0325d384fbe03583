import { setImmediate } from "node:timers";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { put } from "../../lib/cluster/record.ts";
import { defaultService } from "../../lib/cluster/service_record.ts";
import type { Store } from "../../lib/controller/store/store.ts";
import { Shell } from "../../lib/controller/shell.ts";
import { startApi } from "./api/harness.ts";

Deno.test("many inputs of one turn are decided on once", async () => {
  await using harness = await startApi();
  await harness.addNode("a");
  const before = harness.shell.decisions;
  for (let slot = 0; slot < 100; slot++) harness.shell.report({ kind: "tick" });
  await harness.shell.until(() => false, 1);
  assertEquals(harness.shell.decisions - before <= 2, true);
});

Deno.test("a decision is committed before any order follows from it", async () => {
  await using harness = await startApi();
  const node = await harness.addNode("a");
  await harness.call("POST", "/scale", { body: { replicas: 2 } });
  await harness.shell.until(() => harness.api.state.replicas.size === 2, 1_000);
  const { records } = await harness.store.load();
  assertEquals(records.filter(({ record }) => record.type === "assignment").length, 2);
  const orders = harness.sent.filter((effect) => effect.kind === "send_orders" && effect.node === node);
  for (const sent of orders) {
    assertEquals(sent.kind === "send_orders" && sent.orders.revision <= harness.api.state.revision, true);
  }
});

Deno.test("a store that fails ends the shell", async () => {
  let broken = false;
  const wrapStore = (store: Store): Store => ({
    load: () => store.load(),
    lead: () => store.lead(),
    watch: (listener) => store.watch(listener),
    replace: (snapshot) => store.replace(snapshot),
    append: (changes, options) => broken ? Promise.reject(new Error("EIO")) : store.append(changes, options),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  });
  await using harness = await startApi({ wrapStore });
  await harness.addNode("a");
  broken = true;
  const failed = assertRejects(() => harness.shell.failed, Error, "EIO");
  harness.shell.report({
    kind: "committed",
    commit: { revision: harness.api.state.revision + 1, changes: [put({ ...defaultService(), desired: 1 })] },
  });
  await failed;
});

Deno.test("a disk that is full is told in events, explained, and counted by how commits ended", async () => {
  let left = Infinity;
  const wrapStore = (store: Store): Store => ({
    load: () => store.load(),
    lead: () => store.lead(),
    watch: (listener) => store.watch(listener),
    replace: (snapshot) => store.replace(snapshot),
    append: (changes, options) => left-- > 0 ? store.append(changes, options) : Promise.resolve({ kind: "full" }),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  });
  await using harness = await startApi({ wrapStore });
  await harness.addNode("a");
  // The write is durable, and what is decided of it is not.
  left = 1;
  const body = { name: "web", command: ["x"], replicas: 2 };
  assertEquals((await harness.call("POST", "/v1/apply", { body })).status, 200);
  await harness.shell.until(() => harness.api.isStoreFull(), 2_000);
  const { events } = await (await harness.call("GET", "/v1/events")).json();
  assertEquals(events.filter(({ kind }: { kind: string }) => kind === "store_full").length, 1);
  const { because } = await (await harness.call("GET", "/v1/explain/web")).json();
  assertStringIncludes(because[0], "no space left for the controller's store");
  const metrics = await (await harness.call("GET", "/metrics")).text();
  assertStringIncludes(metrics, 'muster_commit_duration_seconds_count{outcome="full"}');
});

Deno.test("until() ends with its condition, with its time, and with the shell", async () => {
  await using harness = await startApi();
  let ready = false;
  const met = harness.shell.until(() => ready, 60_000);
  ready = true;
  harness.shell.report({ kind: "tick" });
  await met;
  await harness.shell.until(() => false, 1);
  const left = harness.shell.until(() => false, 60_000);
  harness.shell.stop();
  await left;
});

Deno.test("a decision that took long is followed by a rest, for what else there is to do", async () => {
  let nowMs = 0;
  let decisions = 0;
  const loop = {
    handle: () => [],
    decide: () => {
      nowMs += 20;
      decisions += 1;
      return [];
    },
  };
  const nothing = () => {};
  const clock = { now: () => nowMs, wall: () => 0, sleep: () => new Promise<void>(nothing) };
  // What is left out is not asked for without a start.
  const options = { loop, clock, healthIntervalMs: 1_000, fleet: { perform: nothing }, onHappened: nothing };
  const shell = new Shell(options as unknown as ConstructorParameters<typeof Shell>[0]);
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  shell.report({ kind: "tick" });
  await turn();
  shell.report({ kind: "tick" });
  await turn();
  assertEquals(decisions, 1);
  while (decisions < 2) await turn();
  shell.stop();
});
