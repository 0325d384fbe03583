import { assertEquals, assertMatch } from "@std/assert";
import type { Happening } from "../../lib/cluster/event.ts";
import { createIngress } from "../../lib/ingress/ingress.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { until } from "../../scripts/local_program.ts";
import { specNamed } from "../support/builders.ts";
import { granted } from "../support/granted.ts";

const WORKER = new URL("../../lib/ingress/engine/worker.ts", import.meta.url);
const PLACE = { host: "127.0.0.1", port: 0 };
const OWN = { certificates: undefined, limits: {}, trustedProxies: "", accessLog: undefined, isTracing: false };
const none = { endpoints: [], withdrawn: [], desired: 1 };

function start(own: { workers: number } | undefined) {
  const told: Happening[] = [];
  const ingress = createIngress({
    defaultService: "payload",
    clock: systemClock,
    worker: WORKER,
    own: own && { ...OWN, ...own, ports: { plain: [PLACE], tls: [] } },
  });
  ingress.follow((happening) => told.push(happening));
  const words = () => told.map(({ kind, severity, text }) => `${kind} ${severity}: ${text}`);
  return { told, words, ingress, [Symbol.asyncDispose]: () => ingress.close() };
}

Deno.test("an ingress without ports of its own tells once for each service that declares what needs them", async () => {
  await using rig = start(undefined);
  const { ingress, told } = rig;
  const { routes, tcp } = specNamed("db", { routes: [{}], tcp: [{ port: 5432 }] });
  for (let change = 0; change < 3; change++) ingress.setTraffic("db", { ...none, routes, tcp });
  ingress.setTraffic("web", { ...none, routes, tcp: [] });
  ingress.setTraffic("quiet", { ...none, routes: [], tcp: [] });
  const why = "the ingress has no ports of its own; start the controller with --ingress-port or --ingress-tls-port";
  assertEquals(rig.words(), [
    `ingress_obstacle warn: routes of db can't be reached: ${why}`,
    `ingress_obstacle warn: TCP port 5432 of db can't be reached: ${why}`,
    `ingress_obstacle warn: routes of web can't be reached: ${why}`,
  ]);
  assertEquals(told.map(({ service }) => service), ["db", "db", "web"]);
  assertEquals(ingress.obstacles("db").length, 2);
  assertMatch(ingress.metrics(), /muster_ingress_obstacles\{service="db"\} 2\n/);
  ingress.setTraffic("db", { ...none, routes: [], tcp });
  assertEquals(ingress.obstacles("db"), [`TCP port 5432 of db can't be reached: ${why}`]);
  ingress.setTraffic("db", undefined);
  assertEquals([ingress.obstacles("db"), told.length], [[], 3]);
});

for (const workers of [1, 2]) {
  Deno.test({
    name: `a TCP port that another program has is told of once, and once more when it is open (${workers} threads)`,
    ignore: !granted,
    fn: async () => {
      await using rig = start({ workers });
      const { ingress } = rig;
      const folder = await Deno.makeTempDir();
      await ingress.open(folder);
      const other = Deno.listen(PLACE);
      const { port } = other.addr;
      const { tcp } = specNamed("db", { tcp: [{ port }] });
      ingress.setTraffic("db", { ...none, routes: [], tcp });
      await until(() => rig.told.length > 0, { what: "to be told of the port" });
      const reason = `Cannot listen on 127.0.0.1:${port}: the port is in use; end the program that has it, or give ` +
        "the TCP route another one";
      assertEquals(ingress.obstacles("db"), [`TCP port ${port} of db can't be reached: ${reason}`]);
      other.close();
      await until(() => rig.told.length > 1, { what: "the port to be open" });
      assertEquals(rig.words(), [
        `ingress_obstacle warn: TCP port ${port} of db can't be reached: ${reason}`,
        `ingress_obstacle_gone info: TCP port ${port} of db can be reached`,
      ]);
      assertEquals(ingress.obstacles("db"), []);
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      await Deno.remove(folder, { recursive: true });
    },
  });
}

Deno.test({
  name: "a TCP port that can't be had and is declared no more is no obstacle, and may become one again",
  ignore: !granted,
  fn: async () => {
    await using rig = start({ workers: 2 });
    const { ingress } = rig;
    const folder = await Deno.makeTempDir();
    await ingress.open(folder);
    using other = Deno.listen(PLACE);
    const { tcp } = specNamed("db", { tcp: [{ port: other.addr.port }] });
    for (const times of [1, 2]) {
      ingress.setTraffic("db", { ...none, routes: [], tcp });
      await until(() => rig.told.length === times, { what: "to be told of the port" });
      ingress.setTraffic("db", { ...none, routes: [], tcp: [] });
      assertEquals(ingress.obstacles("db"), []);
    }
    assertEquals(rig.told.map(({ kind }) => kind), ["ingress_obstacle", "ingress_obstacle"]);
    await Deno.remove(folder, { recursive: true });
  },
});
