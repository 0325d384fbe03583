import { assertEquals } from "@std/assert";
import { newNode, nodeAsHeard } from "../../../lib/controller/loop/node_record.ts";
import { idOf, node } from "../../support/builders.ts";

const SELF = {
  identity: idOf("agent", 1),
  name: "n1",
  labels: { zone: "a", disk: "ssd" },
  capacity: { cpu: 4, memory: 4_096 },
};

Deno.test("newNode() takes what the agent says of itself, and else its address for a name and no capacity", () => {
  const known = newNode(idOf("node", 1), "http://n1:9090", SELF);
  assertEquals(known, node(1, { labels: SELF.labels }));
  const unknown = newNode(idOf("node", 1), "http://10.0.0.5:9090", undefined);
  assertEquals([unknown.name, unknown.identity, unknown.capacity], ["10.0.0.5:9090", null, { cpu: 0, memory: 0 }]);
});

Deno.test("nodeAsHeard() says nothing when the agent says nothing new, in whatever order", () => {
  const record = node(1, { labels: { disk: "ssd", zone: "a" } });
  assertEquals(nodeAsHeard(record, SELF), undefined);
});

Deno.test("nodeAsHeard() takes over what is new and keeps what is the operator's or the controller's", () => {
  const record = node(1, { draining: true, lost: true, losses: 2, labels: SELF.labels });
  const changes = [
    { ...SELF, name: "other" },
    { ...SELF, labels: {} },
    { ...SELF, capacity: { cpu: 8, memory: 4_096 } },
    { ...SELF, identity: idOf("agent", 2) },
    { ...SELF, system: { os: "linux", arch: "x86_64" } },
  ];
  for (const said of changes) {
    const heard = nodeAsHeard(record, said);
    assertEquals(heard, { ...record, ...said });
  }
});
