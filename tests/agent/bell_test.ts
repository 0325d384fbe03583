import { assertEquals, assertRejects } from "@std/assert";
import { Bell } from "../../lib/agent/bell.ts";
import { systemClock as clock } from "../../lib/runtime/clock.ts";

const LONG_MS = 3_600_000;

Deno.test("Bell ends the sleep that it rings in, or else the next one, and only that", async () => {
  const bell = new Bell();
  const { signal } = new AbortController();
  const sleeping = bell.sleep(LONG_MS, { clock, signal });
  bell.ring();
  assertEquals(await sleeping, true);
  bell.ring();
  bell.ring();
  assertEquals(await bell.sleep(LONG_MS, { clock, signal }), true);
  assertEquals(await bell.sleep(1, { clock, signal }), false);
});

Deno.test("Bell sleeps not beyond its signal, and passes on what is wrong with the clock", async () => {
  const bell = new Bell();
  const ending = new AbortController();
  const sleeping = bell.sleep(LONG_MS, { clock, signal: ending.signal });
  ending.abort();
  assertEquals(await sleeping, false);
  const broken = { sleep: () => Promise.reject(new Error("no time")) };
  await assertRejects(() => bell.sleep(1, { clock: broken, signal: new AbortController().signal }), Error, "no time");
});
