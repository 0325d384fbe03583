/**
 * The ingress's own ports in front of real programs: routes that change under load, replicas that die, are replaced and
 * taken away, and a WebSocket that goes on meanwhile.
 * @module
 */
import { assertEquals } from "@std/assert";
import { startSteadyClient, stepUnder } from "../chaos/steady_client.ts";
import { until } from "../../scripts/local_program.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { ingressOf } from "../support/ingress.ts";

const scenario = { ignore: !granted || Deno.build.os === "windows" };

function startIngress({ agents = 2, args = [] as string[] } = {}): Promise<Cluster> {
  return startCluster({ agents, controller: { args: ["--ingress-port", "0", ...args] } });
}

/** A service of the payload that says who it is. */
function saying(greeting: string, over: Record<string, unknown> = {}) {
  return {
    command: ["payload", "--greeting", greeting],
    replicas: 2,
    health: { http: "/readyz", interval: "100ms", start_period: "2s" },
    update: { min_healthy: "200ms" },
    stop: { timeout: "2s" },
    ...over,
  };
}

async function wordAt(url: string, path = "/", headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url + path, { headers });
  const text = await response.text();
  return response.ok ? text.split(" ")[0]! : String(response.status);
}

Deno.test("requests go by host, path, header and weight, as the specs say now", scenario, async () => {
  await using cluster = await startIngress();
  const url = await ingressOf(cluster);
  await cluster.putService("one", saying("One", { routes: [{ path: "/one", strip: true }] }));
  await cluster.putService("two", saying("Two", { routes: [{ path: "/", headers: { "x-two": "yes" } }] }));
  await cluster.ready(2, { service: "one" });
  await cluster.ready(2, { service: "two" });
  assertEquals(await wordAt(url, "/one"), "One");
  assertEquals(await wordAt(url, "/", { "x-two": "yes" }), "Two");
  // The default service has no replica.
  assertEquals(await wordAt(url, "/none"), "503");

  await cluster.putService("one", saying("One", { routes: [{ path: "/", weight: 50 }] }));
  await cluster.putService("two", saying("Two", { routes: [{ path: "/", weight: 50 }] }));
  const words = new Set<string>();
  await until(async () => words.add(await wordAt(url)).isSupersetOf(new Set(["One", "Two"])), { what: "both" });
  assertEquals((await cluster.service("one")).generation, 2);
  assertEquals((await cluster.ready(2, { service: "one" })).every(({ restarts }) => restarts === 0), true);
});

Deno.test("no request fails during update, restart, kills, smaller scales and a drain", scenario, async (test) => {
  await using cluster = await startIngress();
  const url = await ingressOf(cluster);
  const spec = (word: string) => saying(word, { replicas: 3, routes: [{ path: "/", queue: { timeout: "20s" } }] });
  await cluster.putService("web", spec("One"));
  await cluster.ready(3, { service: "web" });
  await using client = startSteadyClient(url);
  const step = stepUnder(client, test);

  await step("update", async () => {
    await cluster.putService("web", spec("Two"));
    await cluster.untilService("web", {
      what: "it",
      check: ({ rollout }) => rollout?.phase === "done" && rollout.to === 2,
    });
    assertEquals(await wordAt(url), "Two");
  });
  await step("restart", async () => {
    await cluster.post("/v1/services/web/restart", {});
    await cluster.untilService("web", {
      what: "it",
      check: ({ rollout }) => rollout?.phase === "done" && rollout.to === 3,
    });
  });
  await step("kill -9 of a replica, three times", async () => {
    for (let killed = 0; killed < 3; killed++) {
      const [victim] = await cluster.ready(3, { service: "web" });
      Deno.kill(victim!.pid!, "SIGKILL");
      await cluster.until({
        what: "another process",
        check: ({ services }) =>
          services.some(({ replicas }) =>
            replicas.some(({ id, pid, ready }) => id === victim!.id && pid !== victim!.pid && ready)
          ),
      });
    }
  });
  await step("kill -9 of the only replica: requests wait for the next process", async () => {
    await cluster.scale(1, "web");
    const [only] = await cluster.ready(1, { service: "web" });
    Deno.kill(only!.pid!, "SIGKILL");
    await client.more(50);
    await cluster.ready(1, { service: "web" });
    await cluster.scale(4, "web");
    await cluster.ready(4, { service: "web" });
  });
  await step("a node is drained and comes back", async () => {
    const [node] = (await cluster.status()).nodes;
    await cluster.post(`/v1/nodes/${node!.id}/drain`, {});
    await cluster.until({
      what: "the node to be empty",
      check: ({ services }) => services.every(({ replicas }) => replicas.every((replica) => replica.node !== node!.id)),
    });
    await cluster.post(`/v1/nodes/${node!.id}/activate`, {});
  });
});

Deno.test({
  name: "a replica that is taken away finishes what it has, though nobody but the ingress knows of it",
  ignore: scenario.ignore,
  fn: async () => {
    await using cluster = await startIngress({ agents: 1 });
    const url = await ingressOf(cluster);
    // A signal at which it dies on the spot, whatever it is doing.
    const stop = { signal: "SIGHUP", timeout: "2s" };
    await cluster.putService("web", saying("One", { replicas: 1, stop, routes: [{ path: "/" }] }));
    const [replica] = await cluster.ready(1, { service: "web" });
    assertEquals(await wordAt(url), "One");
    const slow = fetch(`${url}/sleep?ms=1500`);
    await until(async () => /in_flight\{service="web"[^}]*\} 1/.test(await metricsOf(cluster)), {
      what: "it to be under way",
    });
    await cluster.scale(0, "web");
    await until(async () => await wordAt(url) === "503", { what: "the replica to be withdrawn" });
    const response = await slow;
    assertEquals([response.status, (await response.text()).length > 0], [200, true]);
    await cluster.until({
      what: "the replica to be gone",
      check: ({ services }) => services.every(({ replicas }) => replicas.every(({ id }) => id !== replica!.id)),
    });
  },
});

async function metricsOf({ controller }: Cluster): Promise<string> {
  return await (await fetch(`${controller.url}/metrics`)).text();
}

Deno.test(
  "a WebSocket goes on while routes change, and while its replica is withdrawn until the drain ends",
  scenario,
  async () => {
    await using cluster = await startIngress({ agents: 1 });
    const url = await ingressOf(cluster);
    const spec = (path: string) =>
      saying("One", { replicas: 1, stop: { timeout: "2s", drain: "1s" }, routes: [{ path }] });
    await cluster.putService("web", spec("/"));
    await cluster.ready(1, { service: "web" });
    const socket = new WebSocket(`${url.replace("http", "ws")}/ws`);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    const said = (text: string) =>
      new Promise<string>((resolve) => {
        socket.onmessage = ({ data }) => resolve(data);
        socket.send(text);
      });
    assertEquals(await said("a"), "a");
    await cluster.putService("web", spec("/elsewhere"));
    const path = "/elsewhere/bulletin";
    await until(async () => await wordAt(url, path) !== "503", { what: "the new route" });
    assertEquals(await wordAt(url), "503");
    assertEquals(await said("b"), "b");
    const closed = new Promise((resolve) => socket.onclose = resolve);
    await cluster.scale(0, "web");
    await closed;
  },
);
