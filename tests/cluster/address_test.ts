import { assertEquals } from "@std/assert";
import {
  addressedIn,
  addressedServices,
  addressVariable,
  FEW_SERVICES_MAX,
  toldToAll,
} from "../../lib/cluster/address.ts";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { firstGeneration } from "../../lib/cluster/service_record.ts";
import { service } from "../support/builders.ts";

Deno.test("addressVariable() and addressedIn() lead to one another", () => {
  assertEquals(addressVariable("my-db"), "MUSTER_ADDR_MY_DB");
  const spec = ServiceSpec.parse({ name: "web", command: ["web", `--db=\${${addressVariable("my-db")}}`] });
  assertEquals(addressedIn(spec), ["my-db"]);
});

Deno.test("addressedIn() finds each mention once, in command, variables, files and health check, and no other text", () => {
  const spec = ServiceSpec.parse({
    name: "web",
    command: ["sh", "-c", "echo $MUSTER_ADDR_A; echo ${MUSTER_ADDR_A} MUSTER_ADDR_ XMUSTER_ADDR_Z $MUSTER_ADDR_lower"],
    env: { B: "tcp://${MUSTER_ADDR_B-1}", C: "${MUSTER_ADDR_C}:${MUSTER_ADDR_D_2}" },
    files: { "app.conf": { template: "server ${MUSTER_ADDR_E};" } },
    health: { command: ["nc", "${MUSTER_ADDR_F}", "MUSTER_ADDR__BAD"] },
  });
  assertEquals(addressedIn(spec).toSorted(), ["a", "b", "c", "d-2", "e", "f"]);
});

Deno.test("while services are few all are told to all, and later those that are mentioned, by former generations too", () => {
  const record = service("web", 1);
  const mentioning = { ...record.spec, command: ["web", "${MUSTER_ADDR_OLD}"] };
  const few = new Map([["web", { record: { ...record, history: [firstGeneration(mentioning)] } }]]);
  assertEquals(toldToAll(few), ["web"]);
  assertEquals(addressedServices(few), new Set(["web", "old"]));

  const many = new Map(few);
  for (let count = 1; count <= FEW_SERVICES_MAX; count++) {
    many.set(`s${count}`, { record: { ...service(`s${count}`, 1), history: [] } });
  }
  assertEquals(toldToAll(many), []);
  assertEquals(addressedServices(many), new Set(["old"]));
});
