/**
 * What operators are told of services that clients can't reach, by real programs: as an event, by explain, and on the page
 * of metrics, which is one well-formed page however many threads the ingress has.
 * @module
 */
import { assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { ExplainView } from "../../lib/wire/explain.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { ingressOf } from "../support/ingress.ts";
import { samplesIn } from "../support/metrics_page.ts";

const scenario = { ignore: !granted || Deno.build.os === "windows" };

function obstaclesIn(events: readonly string[]): string[] {
  return events.filter((event) => event.startsWith("ingress_obstacle"));
}

async function becauseOf({ controller }: Cluster, service: string): Promise<string[]> {
  const response = await fetch(`${controller.url}/v1/explain/${service}`);
  return ExplainView.parse(await response.json()).because;
}

async function metricsOf({ controller }: Cluster): Promise<Map<string, number>> {
  return samplesIn(await (await fetch(`${controller.url}/metrics`)).text());
}

Deno.test("routes and TCP ports of a controller without ports for them are taken, and told of", scenario, async () => {
  await using cluster = await startCluster({ agents: 1 });
  const spec = { command: ["payload"], routes: [{ path: "/" }], tcp: [{ port: 5432 }] };
  await cluster.putService("web", { ...spec, replicas: 1 });
  await cluster.ready(1, { service: "web" });
  await cluster.scale(2, "web");
  await cluster.ready(2, { service: "web" });
  const why = "the ingress has no ports of its own; start the controller with --ingress-port or --ingress-tls-port";
  const told = [`routes of web can't be reached: ${why}`, `TCP port 5432 of web can't be reached: ${why}`];
  assertEquals(obstaclesIn(await cluster.events()), told.map((text) => `ingress_obstacle: ${text}`));
  assertEquals((await becauseOf(cluster, "web")).slice(-2), told);
  assertEquals((await metricsOf(cluster)).get('muster_ingress_obstacles{service="web"}'), 2);
});

Deno.test(
  "a TCP port that another program has is told of until it is open, by several threads as by one",
  scenario,
  async () => {
    const other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = other.addr;
    await using cluster = await startCluster({
      agents: 1,
      controller: { args: ["--ingress-port", "0", "--ingress-workers", "3"] },
    });
    await cluster.putService("web", { command: ["payload"], replicas: 2, routes: [{ path: "/" }], tcp: [{ port }] });
    await cluster.ready(2, { service: "web" });
    const told =
      `TCP port ${port} of web can't be reached: Cannot listen on 127.0.0.1:${port}: the port is in use; end ` +
      "the program that has it, or give the TCP route another one";
    await until(async () => obstaclesIn(await cluster.events()).length > 0, { what: "to be told of it" });
    assertEquals((await becauseOf(cluster, "web")).at(-1), told);
    other.close();
    await until(async () => obstaclesIn(await cluster.events()).length > 1, { what: "the port to be open" });
    assertEquals(obstaclesIn(await cluster.events()), [
      `ingress_obstacle: ${told}`,
      `ingress_obstacle_gone: TCP port ${port} of web can be reached`,
    ]);
    assertEquals((await becauseOf(cluster, "web")).filter((reason) => reason.includes("TCP port")), []);

    const url = await ingressOf(cluster);
    for (const address of [url, `http://127.0.0.1:${port}`]) {
      for (let asked = 0; asked < 20; asked++) {
        const response = await fetch(address, { headers: { connection: "close" } });
        assertEquals([response.status, (await response.text()).length > 0], [200, true]);
      }
    }
    await until(async () => {
      const page = await metricsOf(cluster);
      return page.get('muster_ingress_requests_total{service="web",route="web */",code="2xx"}') === 20 &&
        (page.get(`muster_ingress_sent_bytes_total{service="web",route="web :${port}"}`) ?? 0) > 0;
    }, { what: "all to be counted, on a page in which nothing stands twice" });
  },
);
