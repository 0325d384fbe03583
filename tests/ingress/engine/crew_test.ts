import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Route } from "../../../lib/cluster/route.ts";
import { type Crew, startCrew } from "../../../lib/ingress/engine/crew.ts";
import { ENGINE_LIMITS } from "../../../lib/ingress/engine/limits.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { until } from "../../../scripts/local_program.ts";
import { granted } from "../../support/granted.ts";
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
