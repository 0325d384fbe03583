import { assertEquals } from "@std/assert";
import type { Endpoint } from "../../../lib/cluster/endpoint.ts";
import type { Traffic } from "../../../lib/ingress/engine/engine.ts";
import type { ToWorker } from "../../../lib/ingress/engine/messages.ts";
import { ToldServices } from "../../../lib/ingress/engine/told_services.ts";
import { endpoint, endpoints } from "../balance/rig.ts";

const MANY = endpoints(300);

function trafficOf(listed: readonly Endpoint[]): Traffic {
  return { routes: [], tcp: [], endpoints: listed, withdrawn: [], desired: listed.length };
}

function telling() {
  const told: ToWorker[] = [];
  return { told, services: new ToldServices((message) => told.push(message)) };
}

Deno.test("a small service is told at once, and as a whole each time", () => {
  const { told, services } = telling();
  for (const count of [2, 3]) services.set("web", trafficOf(endpoints(count)));
  assertEquals(told.map(({ kind }) => kind), ["set", "set"]);
});

Deno.test("what changes of a large service within a moment is told as one change", () => {
  const { told, services } = telling();
  services.set("web", trafficOf(MANY));
  const one = MANY.with(3, endpoint(3, { fence: 2 }));
  const both = one.with(9, endpoint(9, { fence: 2 }));
  services.set("web", trafficOf(one));
  services.set("web", trafficOf(both));
  assertEquals(told.length, 1);
  services.flush();
  services.stop();
  const change = { desired: 300, withdrawn: [], gone: [3, 9], come: [[3, both[3]!], [9, both[9]!]] as const };
  assertEquals(told.slice(1), [{ kind: "change", service: "web", change }]);
  assertEquals(services.all, [["web", trafficOf(both)]]);
});

Deno.test("a service that is deleted is not told any more of", () => {
  const { told, services } = telling();
  services.set("web", trafficOf(MANY));
  services.set("web", trafficOf(MANY.slice(1)));
  services.delete("web");
  services.flush();
  assertEquals(told.map(({ kind }) => kind), ["set", "delete"]);
  assertEquals(services.all, []);
});
