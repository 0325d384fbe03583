import { assertEquals } from "@std/assert";
import {
  conditionOfNode,
  conditionOfReplica,
  conditionOfService,
  worstFirst,
} from "../../../lib/console/render/condition.ts";

Deno.test("conditionOfReplica() is red only for what is wrong", () => {
  const words = (["running", "starting", "pending", "draining", "stopping", "exited", "lost"] as const).map((phase) => {
    const { word, tone } = conditionOfReplica({ phase, ready: false });
    return `${word} ${tone}`;
  });
  assertEquals(words, [
    "not ready warning",
    "starting warning",
    "pending warning",
    "draining faint",
    "stopping faint",
    "exited bad",
    "lost bad",
  ]);
  assertEquals(conditionOfReplica({ phase: "running", ready: true }).word, "ready");
});

Deno.test("conditionOfNode() tells a node that is emptied from one that is ready", () => {
  assertEquals(conditionOfNode({ status: "ready", draining: true }).word, "draining");
  assertEquals(conditionOfNode({ status: "lost", draining: true }).word, "lost");
  assertEquals(conditionOfNode({ status: "ready" }).tone, "good");
});

Deno.test("conditionOfService() says nothing bad of a first start, of waiting, or of being at rest", () => {
  const tones = [
    conditionOfService({ desired: 2, ready: 0 }),
    conditionOfService({ desired: 2, ready: 1, waiting: ["no room"] }),
    conditionOfService({ desired: 0, ready: 0 }),
    conditionOfService({ desired: 2, ready: 1, removed: true }),
  ].map(({ tone }) => tone);
  assertEquals(tones, ["warning", "warning", "faint", "faint"]);
});

Deno.test("worstFirst() leaves equals in their order", () => {
  const replicas = [
    { at: 0, phase: "running", ready: true },
    { at: 1, phase: "lost", ready: false },
    { at: 2, phase: "running", ready: true },
    { at: 3, phase: "starting", ready: false },
    { at: 4, phase: "exited", ready: false },
  ] as const;
  assertEquals(worstFirst(replicas, conditionOfReplica).map(({ at }) => at), [1, 4, 3, 0, 2]);
});
