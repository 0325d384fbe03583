import { assertEquals } from "@std/assert";
import type { Happening } from "../../lib/cluster/event.ts";
import { Obstacles } from "../../lib/ingress/obstacles.ts";
import { samplesIn } from "../support/metrics_page.ts";

function telling() {
  const told: Happening[] = [];
  return { told, obstacles: new Obstacles((happening) => told.push(happening)) };
}

Deno.test("Obstacles tells once when something can't be reached, and once when it can after all", () => {
  const { told, obstacles } = telling();
  for (let look = 0; look < 3; look++) obstacles.set("db", "TCP port 5432", "the port is in use");
  const words = "TCP port 5432 of db can't be reached: the port is in use";
  assertEquals(obstacles.of("db"), [words]);
  obstacles.set("db", "TCP port 5432", undefined);
  obstacles.set("db", "TCP port 5432", undefined);
  assertEquals(told, [
    { kind: "ingress_obstacle", severity: "warn", text: words, service: "db" },
    { kind: "ingress_obstacle_gone", severity: "info", text: "TCP port 5432 of db can be reached", service: "db" },
  ]);
  assertEquals(obstacles.of("db"), []);
});

Deno.test("Obstacles says nothing of what isn't wanted any more", () => {
  const { told, obstacles } = telling();
  obstacles.set("web", "routes", "no ports");
  obstacles.forget("web", "routes");
  obstacles.forget("web", "routes");
  obstacles.set("web", "routes", undefined);
  assertEquals([told.length, obstacles.named("web")], [1, []]);
});

Deno.test("Obstacles counts what is in the way for each service that has any", () => {
  const { obstacles } = telling();
  assertEquals(samplesIn(obstacles.metrics()), new Map());
  obstacles.set("db", "TCP port 1", "taken");
  obstacles.set("db", "TCP port 2", "taken");
  assertEquals(samplesIn(obstacles.metrics()), new Map([['muster_ingress_obstacles{service="db"}', 2]]));
});
