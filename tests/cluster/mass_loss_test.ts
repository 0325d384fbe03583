import { assertEquals } from "@std/assert";
import {
  type MassLoss,
  movingGoesOn,
  movingIsHeld,
  nodeAccountedFor,
  nodeTurned,
} from "../../lib/cluster/mass_loss.ts";

/** Lets nodes turn away one after the other; returns after which of them moving was put on hold. */
function heldAfter(count: number, { of, apartMs }: { of: number; apartMs: number }): number[] {
  const massLoss: MassLoss = { active: false, turned: new Map(), returningUntilMs: 0 };
  return Array.from({ length: count }, (_, at) => at + 1).filter((n) =>
    nodeTurned(massLoss, { node: `n${n}`, atMs: n * apartMs, readyLeft: of - n })
  );
}

Deno.test("nodeTurned() holds moving when more than half went within 30 s, and says so once", () => {
  assertEquals(heldAfter(5, { of: 5, apartMs: 0 }), [3]);
  assertEquals(heldAfter(5, { of: 5, apartMs: 15_000 }), [3]);
  assertEquals(heldAfter(2, { of: 3, apartMs: 0 }), [2]);
});

Deno.test("nodeTurned() does not take one of two for a mass, but two of two", () => {
  assertEquals(heldAfter(1, { of: 2, apartMs: 0 }), []);
  assertEquals(heldAfter(2, { of: 2, apartMs: 0 }), [2]);
  assertEquals(heldAfter(2, { of: 4, apartMs: 0 }), []);
});

Deno.test("nodeTurned() forgets in 30 s who went before", () => {
  assertEquals(heldAfter(4, { of: 5, apartMs: 15_001 }), [4]);
  assertEquals(heldAfter(4, { of: 6, apartMs: 30_001 }), []);
});

Deno.test("nodeTurned() holds moving for those alone that went now: who is dead for long ends no hold, nor keeps it", () => {
  const old: [string, number][] = ["n1", "n2", "n3", "n4", "n5"].map((name) => [name, 0]);
  const massLoss: MassLoss = { active: false, turned: new Map(old), returningUntilMs: 0 };
  const atMs = 86_400_000;
  const held = ["n6", "n7", "n8", "n9"].map((node, at) => nodeTurned(massLoss, { node, atMs, readyLeft: 3 - at }));
  assertEquals(held, [false, false, true, false]);
  assertEquals([...massLoss.turned.keys()], ["n6", "n7", "n8", "n9"]);
  assertEquals(["n6", "n7"].map((node, at) => nodeAccountedFor(massLoss, node, at + 1)), [false, true]);
});

Deno.test("nodeAccountedFor() ends the hold once those that are away are half or fewer", () => {
  const massLoss: MassLoss = {
    active: true,
    turned: new Map([["n1", 0], ["n2", 0], ["n3", 0], ["n4", 0]]),
    returningUntilMs: 0,
  };
  assertEquals(nodeAccountedFor(massLoss, "n1", 2), false);
  assertEquals(nodeAccountedFor(massLoss, "n2", 3), true);
  assertEquals(massLoss.active, false);
  assertEquals(nodeAccountedFor(massLoss, "n3", 4), false, "it ended before");
});

Deno.test("movingIsHeld() and movingGoesOn() tell the numbers", () => {
  const massLoss: MassLoss = { active: true, turned: new Map([["n1", 0], ["n2", 0], ["n3", 0]]), returningUntilMs: 0 };
  assertEquals(movingIsHeld(massLoss, 2).text.startsWith("3 of 5 nodes went away together"), true);
  assertEquals(movingGoesOn(3).text, "3 nodes are ready: replicas of lost nodes are moved again");
});
