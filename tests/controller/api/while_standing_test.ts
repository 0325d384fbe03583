import { assertEquals, assertRejects } from "@std/assert";
import type { Standing } from "../../../lib/controller/api/access/standing.ts";
import { type WhenCut, whileStanding } from "../../../lib/controller/api/while_standing.ts";
import { aborted } from "../../../lib/runtime/aborted.ts";
import { type Clock, systemClock } from "../../../lib/runtime/clock.ts";

/** A body over a source that has one part after the other, or none yet. */
function bodyOver(has: "parts" | "silence", { clock = systemClock, whenCut = "ends" as WhenCut } = {}) {
  const ended = new AbortController();
  const { signal } = ended;
  const facts = { counts: true, made: 0, isCancelled: false };
  const standing: Standing = {
    signal,
    holds: () => {
      if (!facts.counts) ended.abort();
      return !signal.aborted;
    },
    [Symbol.dispose]: () => ended.abort(),
  };
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => has === "parts" ? controller.enqueue(new Uint8Array([facts.made++])) : new Promise(() => {}),
    cancel: () => void (facts.isCancelled = true),
  }, { highWaterMark: 0 });
  const body = whileStanding(source, { standing, clock, whenCut, stream: { path: "/v1/watch", of: "anyone" } });
  return { reader: body.getReader(), ended, facts };
}

Deno.test("whileStanding() cuts off what nobody reads at once, and lets the source go", async () => {
  const { reader, ended, facts } = bodyOver("parts");
  assertEquals((await reader.read()).value, new Uint8Array([0]));
  ended.abort();
  assertEquals([facts.isCancelled, facts.made], [true, 1]);
  assertEquals((await reader.read()).done, true);
});

Deno.test("whileStanding() cuts off who waits for the next part; lines break off instead of looking whole", async () => {
  const { reader, ended, facts } = bodyOver("silence", { whenCut: "breaks off" });
  const next = reader.read();
  ended.abort();
  await assertRejects(() => next, Error, "it was cut off");
  assertEquals(facts.isCancelled, true);
});

Deno.test("whileStanding() gives nothing that was made after the credential's end, even before that is noticed", async () => {
  const { reader, ended, facts } = bodyOver("parts");
  facts.counts = false;
  assertEquals([(await reader.read()).done, ended.signal.aborted, facts.isCancelled], [true, true, true]);
});

Deno.test("whileStanding() is over with its source, with its reader, and with its source's failure", async () => {
  const ways: [ReadableStream<Uint8Array>, (body: ReadableStream<Uint8Array>) => Promise<unknown>][] = [
    [new Blob(["text"]).stream(), (body) => new Response(body).text()],
    [new ReadableStream(), (body) => body.cancel()],
    [
      new ReadableStream({ pull: () => Promise.reject(new TypeError("gone")) }),
      (body) => assertRejects(() => new Response(body).text(), TypeError, "gone"),
    ],
  ];
  for (const [source, use] of ways) {
    const ended = new AbortController();
    const { signal } = ended;
    const standing = { signal, holds: () => !signal.aborted, [Symbol.dispose]: () => ended.abort() };
    const stream = { path: "/v1/watch", of: "anyone" };
    await use(whileStanding(source, { standing, clock: systemClock, whenCut: "breaks off", stream }));
    assertEquals(signal.aborted, true);
  }
});

Deno.test("a reader that takes nothing for a quarter of an hour is cut off, and one that waits for something isn't", async () => {
  const clock = hastyClock();
  const still = bodyOver("parts", { clock });
  await still.reader.read();
  await aborted(still.ended.signal);
  assertEquals([still.facts.isCancelled, clock.now() >= 900_000], [true, true]);

  const waiting = bodyOver("silence", { clock });
  const next = waiting.reader.read();
  await clock.reached(clock.now() + 300_000);
  assertEquals(waiting.ended.signal.aborted, false);
  waiting.ended.abort();
  assertEquals((await next).done, true);
});

/** Whoever sleeps makes its time pass. */
function hastyClock(): Clock & { reached(ms: number): Promise<void> } {
  let nowMs = 0;
  return {
    now: () => nowMs,
    wall: () => nowMs,
    sleep: (ms, options) => {
      nowMs += ms;
      return systemClock.sleep(0, options);
    },
    async reached(ms) {
      while (nowMs < ms) await systemClock.sleep(0);
    },
  };
}
