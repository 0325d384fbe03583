import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Route } from "../../../lib/cluster/route.ts";
import { type Crew, startCrew } from "../../../lib/ingress/engine/crew.ts";
import { ENGINE_LIMITS } from "../../../lib/ingress/engine/limits.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { until } from "../../../scripts/local_program.ts";
import { granted } from "../../support/granted.ts";
import { samplesIn } from "../../support/metrics_page.ts";
import { readText, serveRaw, serveReplica, writeText } from "../rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

function start({ port = 0, workers = 2 } = {}): Promise<Crew> {
  return startCrew({
    module: new URL("../../../lib/ingress/engine/worker.ts", import.meta.url),
    workers,
    ports: { plain: [{ host: "127.0.0.1", port }], tls: [] },
    certificates: { served: [], defaultHost: undefined },
    settings: {
      defaultService: "web",
      limits: ENGINE_LIMITS,
      trustedProxies: "",
      accessLog: undefined,
      isTracing: false,
    },
    access: {},
    clock: systemClock,
  });
}

const routes = [Route.parse({})];
const none = { tcp: [], endpoints: [], withdrawn: [], desired: 1 };

test("threads share a port, are told of a service, and their counts are added up", async () => {
  await using replica = serveReplica(() => new Response("hello"));
  await using crew = await start();
  crew.set("web", { ...none, routes, endpoints: [replica.endpoint] });
  const url = `http://127.0.0.1:${crew.addresses[0]!.port}`;
  for (let at = 0; at < 20; at++) {
    const response = await fetch(url, { headers: { connection: "close" } });
    assertEquals([response.status, await response.text()], [200, "hello"]);
  }
  const counted = /muster_ingress_requests_total\{service="web",route="web \*\/",code="2xx"\} 20/;
  await until(() => counted.test(crew.metrics()), { what: "all to be counted" });
});

test("a replica that is withdrawn has been left once its last request is answered", async () => {
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using replica = serveRaw(async (conn) => {
    await readText(conn);
    asked.resolve();
    await answer.promise;
    await writeText(conn, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  });
  await using crew = await start();
  crew.set("web", { ...none, routes, endpoints: [replica.endpoint] });
  const fetched = fetch(`http://127.0.0.1:${crew.addresses[0]!.port}`);
  await asked.promise;
  crew.set("web", { ...none, routes });
  let hasLeft = false;
  const left = crew.left(replica.endpoint.replica).then(() => hasLeft = true);
  await crew.left("another");
  assertEquals(hasLeft, false);
  answer.resolve();
  assertEquals(await (await fetched).text(), "ok");
  await left;
});

test("a port that is taken is named, and nothing is left behind", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const error = await assertRejects(() => start({ port, workers: 1 }), Error);
  assertMatch(error.message, new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use; give another`));
  await assertRejects(() => start({ port, workers: 2 }), Error, "the port is in use");
});

test("a rate holds for all threads together", async () => {
  const [requests, workers] = [12, 3];
  await using replica = serveReplica(() => new Response("hello"));
  await using crew = await start({ workers });
  const limited = [Route.parse({ rate: { requests, per: "1h", burst: requests, by: "address" } })];
  crew.set("web", { ...none, routes: limited, endpoints: [replica.endpoint] });
  const url = `http://127.0.0.1:${crew.addresses[0]!.port}`;
  const statuses: number[] = [];
  // Each connection comes to a thread by chance.
  for (let at = 0; at < 5 * requests; at++) {
    const response = await fetch(url, { headers: { connection: "close" } });
    await response.body?.cancel();
    statuses.push(response.status);
  }
  assertEquals(statuses.filter((status) => status === 200).length, requests);
  assertEquals(new Set(statuses), new Set([200, 429]));
});

test("what several threads have counted is one page of metrics, in which nothing stands twice", async () => {
  await using replica = serveReplica(() => new Response("hello"));
  await using crew = await start({ workers: 3 });
  const names = ["web", "api", "other", 'say "hi"'];
  for (const name of names) {
    const routes = [`${encodeURIComponent(name)}.test`, "all.test"].map((host) =>
      Route.parse({ host: host.replaceAll("%", "x").toLowerCase() })
    );
    const strict = [Route.parse({ host: "all.test", headers: { a: "b" } })];
    crew.set(name, { ...none, routes: [...routes, ...strict], endpoints: [replica.endpoint] });
  }
  const { port } = crew.addresses[0]!;
  const ask = async (host: string) => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await writeText(conn, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    while (await readText(conn) !== "");
  };
  const hosts = ["web.test", "api.test", "other.test", "all.test"];
  for (let at = 0; at < 60; at++) await ask(hosts[at % hosts.length]!);
  const answered = () =>
    [...samplesIn(crew.metrics())].filter(([name]) => name.startsWith("muster_ingress_requests_total"))
      .reduce((sum, [, count]) => sum + count, 0);
  await until(() => answered() === 60, { what: "all to be counted" });
  assertEquals(samplesIn(crew.metrics()).get("muster_ingress_connections_total"), 60);
});

test("what was counted for a service that is deleted meanwhile doesn't come back", async () => {
  await using replica = serveReplica(() => new Response("hello"));
  await using crew = await start();
  crew.set("gone", { ...none, routes, endpoints: [replica.endpoint] });
  await (await fetch(`http://127.0.0.1:${crew.addresses[0]!.port}`)).text();
  // Longer than threads keep what they have counted; this one hears of it only afterwards.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);
  crew.delete("gone");
  await crew.left("nobody");
  assertEquals([...samplesIn(crew.metrics()).keys()].filter((name) => name.includes('"gone"')), []);
});
