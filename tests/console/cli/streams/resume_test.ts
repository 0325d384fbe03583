import { assertEquals, assertRejects } from "@std/assert";
import { type Followed, resumed } from "../../../../lib/console/cli/streams/resume.ts";
import type { Clock } from "../../../../lib/runtime/clock.ts";
import { ApiRefusal, Unreachable } from "../../../../lib/wire/client/problem_error.ts";

/** Time that passes only while somebody waits. */
function handClock(): Clock & { slept: number[] } {
  let nowMs = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    wall: () => nowMs,
    sleep: (ms, { signal } = {}) => {
      signal?.throwIfAborted();
      slept.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
  };
}

const away = () => new Unreachable("Cannot reach the controller: nothing listens there");

function refused(status: number): ApiRefusal {
  return new ApiRefusal({ type: "x", title: "x", status, detail: "no" });
}

interface Script {
  /** What each connection gives before it breaks; the last one ends well. */
  connections: readonly (readonly number[])[];
  /** What each attempt to reach it comes to; all that aren't named are well. */
  reaches?: (Error | undefined)[];
  clock?: ReturnType<typeof handClock>;
}

async function play({ connections, reaches = [], clock = handClock() }: Script) {
  const notes: string[] = [];
  const times: string[] = [];
  let at = 0;
  const followed: Followed<number> = {
    reach: (time) => {
      times.push(time);
      const failure = reaches.shift();
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    },
    follow: async function* () {
      const isLast = at === connections.length - 1;
      yield* connections[at++] ?? [];
      if (!isLast) throw away();
      await Promise.resolve();
    },
  };
  const note = (text: string) => (notes.push(text), Promise.resolve());
  const signal = new AbortController().signal;
  const parts: number[] = [];
  for await (const part of resumed(followed, { signal, note, clock })) parts.push(part);
  return { parts, notes, times, clock };
}

Deno.test("resumed() goes on over connections that break, and says so", async () => {
  const { parts, notes, times } = await play({ connections: [[1, 2], [], [3]] });
  assertEquals(parts, [1, 2, 3]);
  assertEquals(times, ["first", "again", "again"]);
  assertEquals(notes.map((text) => text.split(":")[0]), [
    "Cannot reach the controller",
    "The controller answers again",
    "Cannot reach the controller",
    "The controller answers again",
  ]);
});

Deno.test("resumed() waits longer from attempt to attempt, up to a bound", async () => {
  const { clock } = await play({ connections: [[1], [2]], reaches: [undefined, ...Array.from({ length: 6 }, away)] });
  assertEquals(clock.slept, [500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
});

Deno.test("resumed() fails at once when the first attempt does", async () => {
  const clock = handClock();
  await assertRejects(() => play({ connections: [[1]], reaches: [away()], clock }), Unreachable);
  assertEquals(clock.slept, []);
});

Deno.test("resumed() takes a busy controller for one that is away, and a refusal for an answer", async () => {
  const { parts } = await play({ connections: [[1], [2]], reaches: [undefined, refused(503)] });
  assertEquals(parts, [1, 2]);
  await assertRejects(() => play({ connections: [[1], [2]], reaches: [undefined, refused(404)] }), ApiRefusal);
});

Deno.test("resumed() gives up a controller that stays away", async () => {
  const clock = handClock();
  const reaches = [undefined, ...Array.from({ length: 1_000 }, away)];
  await assertRejects(() => play({ connections: [[1], [2]], reaches, clock }), Unreachable);
  assertEquals(Math.round(clock.now() / 60_000), 10);
});
