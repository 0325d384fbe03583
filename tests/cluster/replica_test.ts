import { assertEquals } from "@std/assert";
import { isReady, nameOf, phaseOf, type ReplicaState } from "../../lib/cluster/replica.ts";
import { assignment, idOf, observation } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

const well = LittleCluster.of(1).state.nodes.get(idOf("node", 1));

function replica(
  fields: { draining?: boolean; phase?: "starting" | "running" | "stopping" | "exited"; ready?: boolean },
) {
  const record = assignment(1, { draining: fields.draining ?? false });
  const { phase = "running", ready = true } = fields;
  const state: ReplicaState = {
    record,
    observed: observation(record, { phase, ready }),
    readySinceMs: undefined,
    strandedMs: 0,
    wasReady: false,
    sinceMs: 0,
    resources: { cpu: 0, memory: 0 },
  };
  return state;
}

Deno.test("phaseOf() takes the agent's word, unless the node is lost or removed", () => {
  assertEquals(phaseOf(replica({ phase: "starting" }), well), "starting");
  assertEquals(phaseOf({ ...replica({}), observed: undefined }, well), "pending");
  assertEquals(phaseOf(replica({}), undefined), "lost");
  const cluster = LittleCluster.of(1);
  cluster.lose("n1");
  assertEquals(phaseOf(replica({}), cluster.node("n1")), "lost");
});

Deno.test("phaseOf() calls an assignment that is withdrawn draining until its process is stopped", () => {
  assertEquals(phaseOf(replica({ draining: true }), well), "draining");
  assertEquals(phaseOf(replica({ draining: true, phase: "stopping" }), well), "stopping");
  assertEquals(phaseOf(replica({ draining: true, phase: "exited" }), well), "exited");
});

Deno.test("isReady() wants a running replica that says so and is not withdrawn", () => {
  assertEquals(isReady(replica({}), well), true);
  assertEquals(isReady(replica({ ready: false }), well), false);
  assertEquals(isReady(replica({ phase: "starting" }), well), false);
  assertEquals(isReady(replica({ draining: true }), well), false);
  assertEquals(isReady(replica({}), undefined), false);
});

Deno.test("nameOf() is service and slot", () => assertEquals(nameOf(assignment(4)), "web.3"));
