/**
 * Checks of replicas in a whole cluster: who is unwell gets no requests, who is dead is started anew, who is slow is
 * waited for, and who never starts is not waited for without end.
 * @module
 */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { replicasIn, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const scenario = { ignore: !granted || Deno.build.os === "windows" };
const QUICK = { http: "/healthz", interval: "100ms", timeout: "300ms", unhealthy_after: 2 };

Deno.test(
  "a frozen replica gets no requests any more, is started anew by its liveness check, and serves again",
  scenario,
  async () => {
    await using cluster = await startCluster({ agents: 2 });
    await cluster.putService("payload", {
      command: ["payload"],
      replicas: 2,
      health: QUICK,
      liveness: { ...QUICK, unhealthy_after: 10 },
      stop: { timeout: "500ms", drain: "0s" },
    });
    const [first, second] = await cluster.ready(2);
    Deno.kill(first!.pid!, "SIGSTOP");
    await cluster.until({
      what: "the frozen replica to be unready",
      check: (status) => replicasIn(status).some(({ id, ready }) => id === first!.id && !ready),
    });
    for (let asked = 0; asked < 10; asked++) {
      const answer = await (await fetch(cluster.controller.url)).text();
      assert(answer.includes(second!.id), answer);
    }
    const after = await cluster.until({
      what: "the frozen replica to be back in a new process",
      check: (status) => {
        const replica = replicasIn(status).find(({ id }) => id === first!.id);
        return replica?.ready === true && replica.restarts === 1 && replica;
      },
    });
    assertNotEquals(after.pid, first!.pid);
    const told = (await cluster.events()).filter((text) => text.startsWith("replica_exited"));
    assertMatch(told.join("\n"), /failed its liveness check: no answer within 300ms/);
  },
);

Deno.test(
  "a program that starts slowly is waited for, one that never starts is ended and counted as a crash",
  scenario,
  async () => {
    await using cluster = await startCluster({ agents: 1 });
    await cluster.putService("slow", {
      command: ["payload", "--start-delay", "2s"],
      startup: { http: "/healthz", interval: "100ms", start_period: "20s" },
      health: QUICK,
      liveness: QUICK,
    });
    await cluster.putService("never", {
      command: ["payload", "--ready-delay", "1h"],
      startup: { http: "/readyz", interval: "100ms", start_period: "1s" },
      stop: { timeout: "500ms" },
      restart: { attempts: 100, backoff: "10s" },
    });
    const [slow] = await cluster.ready(1, { service: "slow" });
    assertEquals(slow!.restarts, 0);
    const never = await cluster.until({
      what: "the other to have crashed twice",
      check: (status) => replicasIn(status, "never").find(({ restarts }) => restarts >= 2),
    });
    assertEquals(never.ready, false);
    assertMatch(never.reason, /did not start within 1s: .*GET \/readyz gave 503/);
  },
);

Deno.test("what is expected of an answer counts: its status, its body, and on which port", scenario, async () => {
  await using cluster = await startCluster({ agents: 1 });
  const check = (fields: Record<string, unknown>) => ({ ...QUICK, http: "/ping", ...fields });
  const specs: Record<string, { health: ReturnType<typeof check>; isReady: boolean }> = {
    "right-body": { health: check({ body: "pong" }), isReady: true },
    "wrong-body": { health: check({ body: "ping" }), isReady: false },
    "right-status": { health: check({ http: "/no-such-page", status: [404] }), isReady: true },
    "wrong-status": { health: check({ status: "300-399" }), isReady: false },
  };
  for (const [name, { health }] of Object.entries(specs)) {
    await cluster.putService(name, { command: ["payload"], health });
  }
  for (const [name, { isReady }] of Object.entries(specs)) {
    await cluster.until({
      what: `${name} to be ${isReady ? "ready" : "refused"}`,
      check: (status) =>
        replicasIn(status, name).some(({ ready, reason }) => isReady ? ready : /gave|body/.test(reason)),
    });
  }
});
