/**
 * What a pid proves, and what it does not: it is given to somebody else, or its process is a zombie. Rows 3 and 4, each
 * in a pid namespace of its own, where pids can be reused on purpose and orphans stay unreaped.
 * @module
 */
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { assertWithin } from "./measured.ts";
import { isReady, type OrderedAgent, orderOf, startOrderedAgent } from "./ordered_agent.ts";
import { openPidNamespace, type PidNamespace } from "./pid_namespace.ts";

const possible = granted && Deno.build.os === "linux" && Deno.uid() === 0;

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `chaos ${name}${possible ? "" : " (needs root)"}`, ignore: !possible, fn });
}

test("3: a process that got a replica's pid is neither adopted nor signalled", async () => {
  await using namespace = await openPidNamespace({ reaps: true });
  await using agent = await startAgentIn(namespace);
  const order = orderOf(["sleep", "600"]);
  await agent.put({ replicas: [order] });
  const { pid } = await agent.observed(order.assignment.id, isReady);
  agent.kill("SIGKILL");
  await agent.ended;
  await namespace.sh(`kill -9 ${pid}; while [ -e /proc/${pid} ]; do sleep 0.02; done`);
  // Another leader of a session, with the same pid, and even with this agent's marker in its environment.
  const nodeId = (await Deno.readTextFile(`${agent.data}/node-id`)).trim();
  const stranger = `MUSTER_NODE_ID=${nodeId} MUSTER_INSTANCE=${crypto.randomUUID()} exec setsid sleep 3000`;
  await namespace.sh(`echo ${pid! - 1} >/proc/sys/kernel/ns_last_pid; (${stranger}) >/dev/null 2>&1 &`);
  const commandAtPid = () => namespace.sh(`tr '\\0' ' ' </proc/${pid}/cmdline`);
  await until(async () => await commandAtPid() === "sleep 3000", { what: "the stranger to have the pid" });

  await using successor = await startAgentIn(namespace, agent.data);
  await successor.logged('"adopted":0');
  const restarted = await successor.observed(order.assignment.id, isReady);
  assertNotEquals(restarted.pid, pid);
  assertEquals(restarted.restarts, 1);
  await successor.put({ revision: 2, replicas: [] });
  await until(async () => (await namespace.sh(`[ -e /proc/${restarted.pid} ] || echo gone`)) === "gone", {
    what: "the replica to be stopped",
  });
  assertEquals(await commandAtPid(), "sleep 3000", "the stranger runs on");
});

test("4: the end of an adopted replica that nobody reaps is seen within 1 s, with its exit code", async () => {
  await using namespace = await openPidNamespace({ reaps: false });
  await using agent = await startAgentIn(namespace);
  const ending = `${agent.data}/end`;
  const script = `while [ ! -e ${ending} ]; do sleep 0.02; done; exit 7`;
  const order = orderOf(["/bin/sh", "-c", script], {
    restart: { backoff: "60s", backoff_max: "60s", attempts: 9, window: "5m" },
  });
  // With a crash behind it the restart after the next one is not at once: the exit stays to be seen.
  order.assignment.crashes_before = 1;
  await agent.put({ replicas: [order] });
  const { pid } = await agent.observed(order.assignment.id, isReady);
  agent.kill("SIGKILL");
  await agent.ended;
  await using successor = await startAgentIn(namespace, agent.data);
  assertEquals((await successor.observed(order.assignment.id, isReady)).pid, pid);
  const sinceMs = performance.now();
  await Deno.writeTextFile(ending, "");
  const seen = await successor.observed(order.assignment.id, ({ phase }) => phase === "exited");
  assertWithin("4 exit of a zombie seen", { tookMs: performance.now() - sinceMs, boundMs: 1_000 });
  assertEquals(seen.exit?.code, 7);
  assertMatch(await namespace.sh(`cat /proc/${pid}/stat`), /^\d+ \(sh\) Z /);
});

/** Starts an agent in the namespace; its signals go to itself, not to the program that took it there. */
async function startAgentIn(namespace: PidNamespace, data?: string): Promise<OrderedAgent> {
  const agent = await startOrderedAgent({ prefix: namespace.prefix, ...(data === undefined ? {} : { data }) });
  const pid = await namespace.enteredBy(agent.pid);
  return {
    ...agent,
    pid,
    kill: (signal) => Deno.kill(pid, signal),
    [Symbol.asyncDispose]: async () => {
      // Still the same process: who took it there is waiting for it.
      if (await Deno.readTextFile(`/proc/${agent.pid}/stat`).then(() => true, () => false)) Deno.kill(pid, "SIGKILL");
      await agent[Symbol.asyncDispose]();
    },
  };
}
