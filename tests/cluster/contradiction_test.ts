import { assertEquals } from "@std/assert";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { firstGeneration, ServiceRecord } from "../../lib/cluster/service_record.ts";
import { type SpecFields, specNamed } from "../support/builders.ts";

function refusals(fields: SpecFields): string[] {
  const parsed = ServiceSpec.safeParse({ name: "web", command: ["web"], ...fields });
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const NO_SURGE = "blue_green starts the whole new set beside the former one: leave max_surge out, or take strategy " +
  "rolling";

Deno.test("blue_green without a surge is refused, as a number and as a share", () => {
  for (const max_surge of [0, "0%"] as const) {
    assertEquals(refusals({ update: { strategy: "blue_green", max_surge, max_unavailable: 1 } }), [
      `update.max_surge: ${NO_SURGE}`,
    ]);
  }
  assertEquals(refusals({ update: { strategy: "blue_green", max_surge: 1 } }), []);
});

Deno.test("a deadline that comes before a replica may have to be ready is refused where that was asked for", () => {
  const slow = (check: "health" | "startup", period: string, update: SpecFields["update"] = {}) =>
    refusals({ [check]: { http: "/", start_period: period }, update });
  assertEquals(slow("health", "10m"), [
    'update.deadline: a replica may take 10m to get ready (health.start_period) and has to stay so for 5s, which "deadline" ' +
    "(5m) leaves no time for: make it longer",
  ]);
  assertEquals(slow("startup", "295s").length, 0);
  assertEquals(slow("startup", "296s").length, 1);
  assertEquals(slow("health", "10m", { deadline: "11m" }), []);
});

Deno.test("a short deadline is no contradiction to a start period that nobody asked for", () => {
  assertEquals(refusals({ health: { http: "/" }, update: { deadline: "10s" } }), []);
  assertEquals(refusals({ update: { deadline: "10s" } }), []);
});

Deno.test("what was accepted before it was refused stays readable in the store", () => {
  const spec = specNamed("web");
  const kept = {
    ...spec,
    update: { ...spec.update, strategy: "blue_green" as const, max_surge: 0, max_unavailable: 1 },
  };
  assertEquals(ServiceRecord.parse(firstGeneration(kept)).spec, kept);
});
