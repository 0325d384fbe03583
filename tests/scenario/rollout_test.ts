/**
 * Changes of a service that is in use: no request is lost by an update, a restart, a smaller scale or a drained node, and
 * a release that is bad is taken back by itself.
 * @module
 */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { startSteadyClient, stepUnder } from "../chaos/steady_client.ts";
import { type Cluster, replicasIn, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const scenario = { ignore: !granted || Deno.build.os === "windows" };
const REPLICAS = 3;

/** A release of the payload; what it is to prove is proved quickly. */
function payload(greeting: string, update: Record<string, unknown> = {}, args: string[] = []) {
  return {
    command: ["payload", "--greeting", greeting, ...args],
    replicas: REPLICAS,
    health: { http: "/readyz", interval: "100ms", start_period: "2s" },
    update: { min_healthy: "200ms", ...update },
    stop: { timeout: "2s" },
  };
}

async function steer(cluster: Cluster, verb: string, body: unknown = {}): Promise<void> {
  const { status, body: answer } = await cluster.post(`/v1/services/payload/${verb}`, body);
  assert(status === 200 || status === 202, `${verb} gave ${status}: ${answer}`);
}

/** Waits until a rollout of this generation has come to its end. The first one of a test is 2: payload is always there. */
async function ended(cluster: Cluster, generation: number, phase: string) {
  const view = await cluster.untilService("payload", {
    what: `generation ${generation} to be ${phase}`,
    check: ({ rollout }) => rollout?.to === generation && rollout.phase === phase,
  });
  await cluster.ready(view.desired);
  return view;
}

/** The greetings that come back from `/`, each once. */
async function greetings(cluster: Cluster, requests = 20): Promise<string[]> {
  const words = new Set<string>();
  for (let asked = 0; asked < requests; asked++) {
    const response = await fetch(cluster.controller.url);
    words.add((await response.text()).split(" ")[0]!);
  }
  return [...words].sort();
}

Deno.test("no request fails during update, restart, rollback, scale-down, drain and return", scenario, async (test) => {
  await using cluster = await startCluster({ agents: 2 });
  await cluster.putService("payload", payload("One"));
  await ended(cluster, 2, "done");
  await using client = startSteadyClient(cluster.controller.url);
  const step = stepUnder(client, test);

  await step("update", async () => {
    await cluster.putService("payload", payload("Two"));
    await ended(cluster, 3, "done");
    assertEquals(await greetings(cluster), ["Two"]);
  });
  await step("restart", async () => {
    await steer(cluster, "restart");
    await ended(cluster, 4, "done");
  });
  await step("rollback", async () => {
    await steer(cluster, "rollback", { generation: 2 });
    await ended(cluster, 5, "done");
    assertEquals(await greetings(cluster), ["One"]);
  });
  await step("more and fewer", async () => {
    for (const replicas of [6, 2, 4]) {
      await cluster.scale(replicas);
      await cluster.ready(replicas);
    }
  });
  await step("drain and return", async () => {
    const [first] = (await cluster.status()).nodes;
    await cluster.post(`/v1/nodes/${first!.id}/drain`, {});
    await cluster.until({
      what: "the node to be empty",
      check: ({ nodes }) => nodes.some(({ id, replicas }) => id === first!.id && replicas === 0),
    });
    await cluster.post(`/v1/nodes/${first!.id}/activate`, {});
    await cluster.ready(4);
  });
  assertGreaterOrEqual((await client.stop()).requests, 250);
});

const BAD: Readonly<Record<string, { command: string[]; reason: RegExp }>> = {
  "exits": { command: ["/bin/sh", "-c", "seq 1 20; exit 3"], reason: /crashed 3 times; last: exit code 3/ },
  "hangs": {
    command: ["payload", "--hang-after", "0s"],
    reason: /is not ready after its start period of 2s: .*no answer within/,
  },
  "answers 500": {
    command: ["payload", "--error-rate", "1"],
    reason: /is not ready after its start period of 2s: .*GET \/ gave 500/,
  },
};

for (const [how, { command, reason }] of Object.entries(BAD)) {
  Deno.test(`chaos 30: a release that ${how} is rolled back by itself, and nobody notices`, scenario, async () => {
    await using cluster = await startCluster({ agents: 2 });
    const good = { ...payload("Good"), health: { http: "/", interval: "100ms", start_period: "2s" } };
    await cluster.putService("payload", good);
    await ended(cluster, 2, "done");
    const before = await cluster.ready(REPLICAS);
    await using client = startSteadyClient(cluster.controller.url);
    let fewest = REPLICAS;
    await cluster.putService("payload", { ...good, command, restart: { backoff: "50ms" } });
    const { rollout } = await cluster.untilService("payload", {
      what: "the release to be rolled back",
      check: async ({ rollout, generation }) => {
        const ready = replicasIn(await cluster.status()).filter((replica) => replica.ready).length;
        fewest = Math.min(fewest, ready);
        return generation === 4 && rollout?.phase === "done";
      },
    });
    assertEquals([rollout!.cause, rollout!.from], ["rollback", 2]);
    assert(reason.test(rollout!.reason), rollout!.reason);
    assert(rollout!.last_words.length > 0 && rollout!.last_words.length <= 10, JSON.stringify(rollout!.last_words));
    if (how === "exits") assertEquals(rollout!.last_words.at(-1), "20");
    assertEquals(fewest, REPLICAS, "never fewer than promised");
    const after = await cluster.ready(REPLICAS);
    assertEquals(
      new Set(after.map(({ pid }) => pid)),
      new Set(before.map(({ pid }) => pid)),
      "what ran was not touched",
    );
    assertEquals((await client.stop()).failures, []);
  });
}

Deno.test("canaries serve beside the others until they are promoted, or rolled back", scenario, async () => {
  await using cluster = await startCluster({ agents: 2 });
  const update = { canary: 1 };
  await cluster.putService("payload", payload("Old", update));
  await ended(cluster, 2, "done");
  await cluster.putService("payload", payload("New", update));
  await cluster.ready(REPLICAS + 1);
  assertEquals(await greetings(cluster), ["New", "Old"]);
  await steer(cluster, "rollback");
  await ended(cluster, 4, "done");
  assertEquals(await greetings(cluster), ["Old"]);

  await cluster.putService("payload", payload("Newer", update));
  await cluster.ready(REPLICAS + 1);
  await steer(cluster, "promote");
  await ended(cluster, 5, "done");
  assertEquals(await greetings(cluster), ["Newer"]);
});

Deno.test("a green set is tried without requests, and gets all of them when it is promoted", scenario, async () => {
  await using cluster = await startCluster({ agents: 2 });
  const update = { strategy: "blue_green" };
  await cluster.putService("payload", payload("Blue", update));
  await ended(cluster, 2, "done");
  await using client = startSteadyClient(cluster.controller.url);
  await cluster.putService("payload", payload("Green", update));
  await cluster.ready(2 * REPLICAS);
  assertEquals(await greetings(cluster), ["Blue"]);
  await steer(cluster, "promote");
  await ended(cluster, 3, "done");
  assertEquals(await greetings(cluster), ["Green"]);
  assertEquals((await client.stop()).failures, []);
});

Deno.test(
  "a paused update goes no further, also over a restart of the controller, and is resumed",
  scenario,
  async () => {
    await using cluster = await startCluster({ agents: 2 });
    await cluster.putService("payload", payload("Old"));
    await ended(cluster, 2, "done");
    await cluster.putService("payload", payload("New", { min_healthy: "1s" }));
    await steer(cluster, "pause");
    await cluster.restartController();
    // What had begun comes to its end.
    await cluster.ready(REPLICAS);
    assertEquals((await greetings(cluster)).includes("Old"), true);
    assertEquals((await cluster.service("payload")).rollout?.phase, "rolling");
    await steer(cluster, "resume");
    await ended(cluster, 3, "done");
    assertEquals(await greetings(cluster), ["New"]);
  },
);
