/**
 * A loop where addresses change hands: who answers there may be another node's agent.
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { node } from "../../support/builders.ts";
import { LittleLoop } from "../../support/little_loop.ts";

Deno.test("a loop takes another node's agent that answers at a node's address for nobody: that node was not heard", () => {
  const little = LittleLoop.of(node(1), node(2));
  little.meet(1);
  little.meet(2);
  little.decide();
  for (let round = 0; round < 6; round++) {
    little.wait(1_000);
    little.answer(1, { identity: node(2).identity ?? "" });
    little.answer(2);
  }
  little.decide();
  const known = little.loop.state.nodes;
  assertEquals(known.get(node(1).id)?.record.identity, node(1).identity);
  assertEquals([known.get(node(1).id)?.liveness, known.get(node(2).id)?.liveness], ["lost", "ready"]);
});

Deno.test("a loop hears nothing from a stream that another agent opened at a node's address, and opens a new one", () => {
  const little = LittleLoop.of(node(1), node(2));
  little.meet(2);
  // The address changes hands after the probe was answered, and before the stream is there.
  little.answer(1);
  const { stream } = little.last("open_stream", 1);
  const effects = little.line(1, { kind: "snapshot", identity: node(2).identity ?? "", replicas: [] });
  assertEquals(effects.filter(({ kind }) => kind === "close_stream").length, 1);
  little.wait(1_000);
  little.answer(1);
  assertNotEquals(little.last("open_stream", 1).stream, stream);
});
