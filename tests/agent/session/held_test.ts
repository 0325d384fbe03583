import { assertEquals, assertLessOrEqual } from "@std/assert";
import { adoptedOf, assignment } from "../../support/builders.ts";
import { LittleAgent, order } from "../../support/little_agent.ts";

/** No health check: it counts as ready once it runs. */
const PLAIN = order(assignment(1), { health: undefined });

Deno.test("a crash is restarted at once, then after 1, 2, 4 s and so on", () => {
  const agent = new LittleAgent();
  agent.orders(PLAIN);
  const pauses: number[] = [];
  for (let crash = 0; crash < 9; crash++) {
    agent.started();
    agent.exited();
    const fromMs = agent.nowMs;
    while (agent.seen().phase === "exited") agent.wait(500);
    pauses.push(agent.nowMs - fromMs);
  }
  assertEquals(pauses, [0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  assertEquals(agent.seen().restarts, 9);
});

const STARTS_MAX = 10_000;

/** Starts of one replica that ends at once, within this time. */
function startsOf(agent: LittleAgent, ms: number): number[] {
  const untilMs = agent.nowMs + ms;
  const starts: number[] = [];
  while (agent.nowMs < untilMs) {
    if (agent.spawned.length > starts.length) {
      starts.push(agent.nowMs);
      if (starts.length > STARTS_MAX) throw new Error(`Cannot go on: ${STARTS_MAX} starts in a loop without a pause`);
      agent.started();
      agent.exited();
    } else agent.wait(100);
  }
  return starts;
}

function mostWithin(starts: number[], windowMs: number): number {
  return Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + windowMs).length));
}

Deno.test("a crash loop costs at most 12 starts in any 5 min, for hours, also over a move", () => {
  const first = new LittleAgent();
  first.orders(PLAIN);
  const loop = startsOf(first, 4 * 3_600_000);
  assertLessOrEqual(mostWithin(loop, 300_000), 12);
  // Six crashes here, then the controller moves it: the crashes count on there.
  const next = new LittleAgent({ nowMs: (loop[5] ?? 0) + 200 });
  next.orders(order(assignment(2, { slot: 0, crashes_before: 6 }), { health: undefined }));
  const moved = startsOf(next, 300_000);
  assertLessOrEqual(mostWithin([...loop.slice(0, 6), ...moved], 300_000), 12);
});

Deno.test("crashes before a move are forgotten with the policy's window", () => {
  const agent = new LittleAgent();
  agent.orders(order(assignment(1, { crashes_before: 6 }), { health: undefined }));
  agent.started();
  agent.wait(10_000);
  agent.exited();
  assertEquals(agent.seen().crashes, 7);
  agent.wait(32_000);
  agent.started();
  agent.wait(3_600_000);
  agent.exited();
  assertEquals(agent.seen().crashes, 1);
});

Deno.test("each start is told how long before it the crashes were, so that a restarted agent can count on", () => {
  const agent = new LittleAgent();
  agent.orders(PLAIN);
  for (let crash = 0; crash < 3; crash++) {
    agent.started();
    agent.exited();
    agent.wait(10_000);
  }
  assertEquals(agent.newest.crashAgesMs, [22_000, 12_000, 2_000]);
});

const keeper = (n: number) => order(assignment(n, { slot: 0 }), { data: { per_slot: true } });

Deno.test("a replica waits for the end of another one of its slot, when they would be in each other's way", () => {
  const agent = new LittleAgent();
  agent.up(keeper(1));
  assertEquals(agent.orders(keeper(2)).filter((line) => line.startsWith("spawn")), []);
  agent.wait(60_000);
  assertEquals(agent.spawned.length, 1);
  assertEquals(agent.exited(0).filter((line) => line.startsWith("spawn")), ["spawn web.0"]);
  assertEquals(agent.newest.replica, keeper(2).assignment.id);
});

Deno.test("a replica waits for nobody's end in another slot, nor when they get along", () => {
  const agent = new LittleAgent();
  agent.orders(keeper(1), order(assignment(2, { slot: 1 }), { data: { per_slot: true } }));
  assertEquals(agent.spawned.length, 2);
  const other = new LittleAgent();
  other.orders(order(assignment(1)), order(assignment(2, { slot: 0 })));
  assertEquals(other.spawned.length, 2);
});

Deno.test("a replica waits for a process of its slot that was taken over and that no order names", () => {
  const agent = new LittleAgent({ adopted: [adoptedOf(1)] });
  agent.tick();
  agent.orders(keeper(2));
  assertEquals(agent.spawned, []);
  agent.give({ kind: "exited", instance: adoptedOf(1).instance, code: 0, signal: null });
  assertEquals(agent.newest.replica, keeper(2).assignment.id);
});
