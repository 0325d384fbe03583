import { assertEquals } from "@std/assert";
import { appliedView, declare, plannedView } from "../../../lib/controller/change/declaration.ts";
import { SpecGiven } from "../../../lib/wire/specs.ts";
import { service } from "../../support/builders.ts";
import { LittleCluster } from "../../support/little_cluster.ts";

const ORIGIN = { at: "2030-01-01T00:00:00.000Z", by: "ada", cause: "release" as const };

Deno.test("declare() tells each field that becomes other, also under names with dots in them", () => {
  const files = { "app.conf": { template: "old" }, "app": { template: "same" } };
  const cluster = LittleCluster.of(1, service("web", 2, { files, env: { A: "1" } }));
  const given = SpecGiven.parse({
    name: "web",
    command: ["web"],
    health: { http: "/" },
    files: { ...files, "app.conf": { template: "new" } },
    replicas: 3,
  });
  const declaration = declare(cluster.state, given, ORIGIN);
  assertEquals(plannedView(declaration).diff, [
    { path: "env.A", before: "1", after: null },
    { path: "files.app.conf.template", before: "old", after: "new" },
    { path: "replicas", before: 2, after: 3 },
  ]);
  assertEquals(appliedView(declaration, 7), {
    name: "web",
    outcome: "changed",
    generation: 2,
    desired: 3,
    changes: ["env.A", "files.app.conf.template", "replicas"],
    revision: 7,
  });
});

Deno.test("declare() takes the present scale where none is given, and a service back that is being removed", () => {
  const cluster = LittleCluster.of(1, service("web", 4));
  const given = SpecGiven.parse({ name: "web", command: ["web"], health: { http: "/" } });
  assertEquals(declare(cluster.state, given, ORIGIN).outcome, "unchanged");
  const changed = declare(cluster.state, { ...given, env: { A: "1" } }, ORIGIN);
  assertEquals([changed.outcome, changed.record.desired], ["changed", 4]);
  cluster.put({ ...service("web", 4), removed: true });
  const back = declare(cluster.state, given, ORIGIN);
  assertEquals([back.outcome, back.record.removed, back.record.desired], ["changed", false, 4]);
});
