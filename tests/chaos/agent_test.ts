/**
 * One host: its agent is killed, its replicas defy being stopped, others give it orders. Rows 1, 2, 5, 6, 17b and 17c.
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { replicaPids, until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { assertWithin, tell } from "./measured.ts";
import { CLUSTER, isReady, orderOf, pidsWith, startOrderedAgent } from "./ordered_agent.ts";

const ignore = !granted || Deno.build.os !== "linux";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `chaos ${name}`, ignore, fn });
}

test("1: replicas outlive an agent that is killed, and its successor adopts them without a restart", async () => {
  await using agent = await startOrderedAgent();
  const orders = [1, 2, 3].map(() => orderOf(["sleep", "600"]));
  await agent.put({ replicas: orders });
  const before = await Promise.all(orders.map(({ assignment }) => agent.observed(assignment.id, isReady)));
  agent.kill("SIGKILL");
  await agent.ended;
  for (const { pid } of before) assert(isAlive(pid!), "it runs on without the agent");
  const sinceMs = performance.now();
  await using successor = await startOrderedAgent({ data: agent.data });
  const after = await Promise.all(orders.map(({ assignment }) => successor.observed(assignment.id, isReady)));
  assertWithin("1 adopted again", { tookMs: performance.now() - sinceMs, boundMs: 2_000 });
  assertEquals(after.map(({ pid, restarts }) => [pid, restarts]), before.map(({ pid }) => [pid, 0]));
});

test("2: what was to be stopped while the agent was away is stopped once it is back, children and all", async () => {
  await using agent = await startOrderedAgent();
  const [kept, dropped] = [
    orderOf(["sleep", "600"]),
    orderOf(["/bin/sh", "-c", "sleep 601 & setsid sleep 602 & wait"]),
  ];
  await agent.put({ replicas: [kept, dropped] });
  const before = await agent.observed(kept.assignment.id, isReady);
  await until(() => pidsOf(dropped.assignment.id).length === 3, { what: "the children" });
  agent.kill("SIGKILL");
  await agent.ended;
  await using successor = await startOrderedAgent({ data: agent.data });
  assertEquals(pidsOf(dropped.assignment.id).length, 3, "nothing is stopped before the first list");
  await successor.put({ revision: 2, replicas: [kept] });
  await until(() => pidsOf(dropped.assignment.id).length === 0, { what: "no orphans" });
  assertEquals((await successor.observed(kept.assignment.id, isReady)).pid, before.pid);
});

test("5: nothing that a replica started is left 1 s after the stop timeout, whatever session it is in", async () => {
  await using agent = await startOrderedAgent();
  const stubborn = `trap '' TERM HUP; setsid sh -c "trap '' TERM; (setsid sleep 601 &) ; sleep 602" & ` +
    `(setsid setsid sleep 603 &); while :; do sleep 1; done`;
  const orderly = `(setsid sleep 604 &); setsid sh -c 'sleep 605 & sleep 606' & exec sleep 607`;
  const orders = [stubborn, orderly].map((script) => orderOf(["/bin/sh", "-c", script], stopWithin("1s")));
  await agent.put({ replicas: orders });
  const count = () => orders.map(({ assignment }) => pidsOf(assignment.id).length);
  await until(() => count()[0]! >= 5 && count()[1]! >= 4, { what: () => `all to have forked: ${count()}` });
  const sinceMs = performance.now();
  await agent.put({ revision: 2, replicas: [] });
  await until(() => count().every((left) => left === 0), { what: () => `none to be left: ${count()}` });
  assertWithin("5 nothing left after the stop", { tookMs: performance.now() - sinceMs, boundMs: 2_000 });
});

test("6: a replica that ignores SIGTERM gets SIGKILL at its stop timeout, not before", async () => {
  await using agent = await startOrderedAgent();
  const order = orderOf(["/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"], stopWithin("2s"));
  await agent.put({ replicas: [order] });
  const { pid } = await agent.observed(order.assignment.id, isReady);
  const sinceMs = performance.now();
  await agent.put({ revision: 2, replicas: [] });
  await until(() => !isAlive(pid!), { what: "its end" });
  const tookMs = performance.now() - sinceMs;
  assert(tookMs >= 1_500, `killed after ${tookMs} ms already`);
  assertWithin("6 killed at the stop timeout of 2 s", { tookMs, boundMs: 2_500 });
});

test("17b: a foreign controller gets 409 that names both clusters, and nothing is stopped", async () => {
  await using agent = await startOrderedAgent();
  const order = orderOf(["sleep", "600"]);
  await agent.put({ replicas: [order] });
  const before = await agent.observed(order.assignment.id, isReady);
  const asked = crypto.randomUUID();
  const { status, body } = await agent.put({ cluster: asked, epoch: 99, revision: 99, replicas: [] });
  assertEquals([status, body.reply], [409, { kind: "foreign", bound: CLUSTER, asked }]);
  assertMatch(String(body.detail), new RegExp(`${CLUSTER}.*${asked}|${asked}.*${CLUSTER}`));
  assertMatch(String(body.detail), /--forget-cluster/);
  const after = await agent.observed(order.assignment.id, isReady);
  assertEquals([after.pid, after.restarts, isAlive(before.pid!)], [before.pid, 0, true]);
});

test("17c: two agents on one host adopt each its own, and take no child for a replica", async () => {
  await using one = await startOrderedAgent();
  await using other = await startOrderedAgent();
  const forking = () => orderOf(["/bin/sh", "-c", "sleep 601 & setsid sleep 602 & sh -c 'sleep 603 & wait' & wait"]);
  const [ours, theirs] = [forking(), forking()];
  await one.put({ replicas: [ours] });
  await other.put({ replicas: [theirs] });
  const before = [await one.observed(ours.assignment.id, isReady), await other.observed(theirs.assignment.id, isReady)];
  await until(async () => (await replicaPids(one.data)).length === 5 && (await replicaPids(other.data)).length === 5, {
    what: "all to have forked",
  });
  for (const agent of [one, other]) agent.kill("SIGKILL");
  await Promise.all([one.ended, other.ended]);
  await using oneAgain = await startOrderedAgent({ data: one.data });
  await using otherAgain = await startOrderedAgent({ data: other.data });
  for (const agent of [oneAgain, otherAgain]) await agent.logged('"adopted":1');
  const after = [
    await oneAgain.observed(ours.assignment.id, isReady),
    await otherAgain.observed(theirs.assignment.id, isReady),
  ];
  assertEquals(after.map(({ pid, restarts }) => [pid, restarts]), before.map(({ pid }) => [pid, 0]));
  await oneAgain.put({ revision: 2, replicas: [] });
  await until(async () => (await replicaPids(one.data)).length === 0, { what: "the first's to be gone" });
  const left = await replicaPids(other.data);
  assertEquals(left.length, 5, "the other's run on");
  tell("17c: 0 of the other's stopped");
});

function stopWithin(timeout: string) {
  return { stop: { signal: "SIGTERM", timeout } } as const;
}

function pidsOf(replica: string): number[] {
  return pidsWith(`MUSTER_REPLICA=${replica}`);
}

function isAlive(pid: number): boolean {
  try {
    // A zombie answers to a signal, but it is dead.
    return !/^\d+ \(.*\) [ZX]/s.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
