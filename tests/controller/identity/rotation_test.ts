import { assertEquals } from "@std/assert";
import type { NodeRecord } from "../../../lib/cluster/node.ts";
import { NODE_VALID_MS, type Phase } from "../../../lib/controller/identity/authority.ts";
import { Rotation } from "../../../lib/controller/identity/rotation.ts";
import type { TrustedAuthority } from "../../../lib/wire/join.ts";
import { node } from "../../support/builders.ts";

const named = (id: string): TrustedAuthority => ({ id, certificate: "", public_key: "" });

/** An authority without keys and files. */
class LittleAuthority {
  trusted: readonly TrustedAuthority[] = [named("old")];
  digest = "old";
  phase: Phase = "none";

  get rotation() {
    return { phase: this.phase, since: null };
  }

  rotate(): Promise<boolean> {
    if (this.phase === "announced" || this.phase === "switched") return Promise.resolve(false);
    [this.phase, this.trusted] = ["announced", [named("old"), named("new")]];
    return Promise.resolve(true);
  }

  advance(from: Phase): Promise<void> {
    if (from === "announced") {
      [this.phase, this.digest, this.trusted] = ["switched", "new", [named("new"), named("old")]];
    } else [this.phase, this.trusted] = ["done", [named("new")]];
    return Promise.resolve();
  }
}

const OLD = { trusted: ["old"], signed_by: "old" };
const ANNOUNCED = { trusted: ["old", "new"], signed_by: "old" };
const SWITCHED = { trusted: ["old", "new"], signed_by: "new" };
const DONE = { trusted: ["new"], signed_by: "new" };

function rig(nodes: NodeRecord[]) {
  const authority = new LittleAuthority();
  let nowMs = 0;
  const sleeps: (() => void)[] = [];
  const clock = {
    now: () => nowMs,
    wall: () => nowMs,
    sleep: () => new Promise<void>((resolve) => sleeps.push(resolve)),
  };
  const rotation = new Rotation({ authority, members: { nodes: () => nodes }, clock });
  const hear = async (n: number, papers: typeof OLD | undefined) => {
    const renew = rotation.heard(node(n).identity!, papers);
    await rotation.check();
    return renew;
  };
  return { authority, rotation, hear, pass: (ms: number) => nowMs += ms };
}

const behindIn = (rotation: Rotation) => rotation.behind().map(({ name }) => name);

Deno.test("Rotation takes a step once every node goes by the one before, and tells each when to renew", async () => {
  const { authority, rotation, hear } = rig([node(1), node(2)]);
  assertEquals(await hear(1, OLD), false);
  assertEquals(await rotation.begin(), true);
  assertEquals(await rotation.begin(), false);
  assertEquals([await hear(1, OLD), await hear(2, OLD)], [true, true]);
  assertEquals(await hear(1, ANNOUNCED), false);
  assertEquals([authority.phase, behindIn(rotation)], ["announced", ["n2"]]);
  assertEquals(await hear(1, ANNOUNCED), false);
  await hear(2, ANNOUNCED);
  assertEquals([authority.phase, behindIn(rotation)], ["switched", ["n1", "n2"]]);
  assertEquals([await hear(1, ANNOUNCED), await hear(2, SWITCHED)], [true, false]);
  assertEquals([authority.phase, behindIn(rotation)], ["switched", ["n1"]]);
  await hear(1, SWITCHED);
  assertEquals([authority.phase, behindIn(rotation)], ["done", ["n1", "n2"]]);
  assertEquals([await hear(1, SWITCHED), await hear(2, DONE)], [true, false]);
  assertEquals(behindIn(rotation), ["n1"]);
});

Deno.test("Rotation waits for a node that says nothing until all that it holds is over, and for one that was removed no more", async () => {
  const nodes = [node(1), node(2)];
  const { authority, rotation, hear, pass } = rig(nodes);
  await rotation.begin();
  await hear(1, ANNOUNCED);
  await hear(2, undefined);
  pass(NODE_VALID_MS - 1);
  await rotation.check();
  assertEquals(authority.phase, "announced");
  pass(1);
  await rotation.check();
  assertEquals(authority.phase, "switched");
  pass(NODE_VALID_MS - 1);
  await hear(1, SWITCHED);
  assertEquals(authority.phase, "switched", "each step has its own time");
  nodes.pop();
  await rotation.check();
  assertEquals(authority.phase, "done");
});

Deno.test("Rotation ends at once where there are no nodes, and after a restart goes on from what nodes say then", async () => {
  const empty = rig([]);
  await empty.rotation.begin();
  assertEquals(empty.authority.phase, "done");

  const { authority, hear, pass } = rig([node(1)]);
  await authority.rotate();
  pass(10 * NODE_VALID_MS);
  const nowMs = 10 * NODE_VALID_MS;
  const clock = { now: () => nowMs, wall: () => nowMs, sleep: () => Promise.resolve() };
  const restarted = new Rotation({ authority, members: { nodes: () => [node(1)] }, clock });
  await restarted.check();
  // While no controller was there, no node could renew: that time doesn't count.
  assertEquals(authority.phase, "announced");
  restarted.heard(node(1).identity!, ANNOUNCED);
  await restarted.check();
  assertEquals(authority.phase, "switched");
  assertEquals(await hear(1, undefined), false);
});

Deno.test("Rotation takes no step before this controller goes by the one before, and tries that again", async () => {
  const { authority, rotation, hear } = rig([node(1)]);
  const followed: string[] = [];
  let broken = true;
  rotation.follow(async () => {
    await Promise.resolve();
    if (broken) throw new Error("the port is in use");
    followed.push(authority.phase);
  });
  await rotation.begin();
  await hear(1, ANNOUNCED);
  assertEquals([authority.phase, followed], ["announced", []]);
  broken = false;
  await rotation.check();
  assertEquals([authority.phase, followed], ["switched", ["announced", "switched"]]);
  await hear(1, SWITCHED);
  assertEquals(followed, ["announced", "switched", "done"]);
  await hear(1, DONE);
  assertEquals(followed.length, 3);
});
