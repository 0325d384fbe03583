import { assertEquals } from "@std/assert";
import {
  FLOOD_BYTES_PER_S,
  FLOOD_MS,
  floodInWords,
  type LogPace,
  LOOK_MS,
  lookAfterMs,
  paceAfter,
  QUIET,
} from "../../../lib/agent/logs/log_flood.ts";

const MB = 1_000_000;

/** The pace after looks each `ms` apart that saw so many megabytes. */
function after(ms: number, ...megabytes: number[]): LogPace {
  return megabytes.reduce((pace, mb) => paceAfter(pace, { bytes: mb * MB, ms }), QUIET);
}

Deno.test("floodInWords() says what was written once a writer was too fast for a second", () => {
  assertEquals(floodInWords(after(250, 203, 203, 203)), undefined);
  assertEquals(
    floodInWords(after(250, 203, 203, 203, 203)),
    "it wrote 812 MB of log in 1.0 s, more than 50 MB/s",
  );
  assertEquals(floodInWords(after(20, ...Array(52).fill(1.1))), "it wrote 57 MB of log in 1.0 s, more than 50 MB/s");
});

Deno.test("floodInWords() takes no burst for a flood, however large", () => {
  assertEquals(floodInWords(after(250, 2_000, 0, 0, 0, 0)), undefined);
  assertEquals(floodInWords(after(250, 500, 500, 500, 0, 500, 500, 500, 0)), undefined);
  assertEquals(floodInWords(after(5_000, 2_000)), undefined, "seen by a look that came late");
  assertEquals(floodInWords(after(5_000, 2_000, 2_000)), undefined);
  assertEquals(floodInWords(after(5_000, 2_000, 2_000, 2_000)) !== undefined, true);
});

Deno.test("floodInWords() leaves alone who writes as fast as is allowed", () => {
  const allowed = FLOOD_BYTES_PER_S * 0.25 / MB;
  assertEquals(floodInWords(after(250, ...Array(100).fill(allowed))), undefined);
});

Deno.test("floodInWords() is not misled by a writer that stalls now and then", () => {
  const stalling = Array.from({ length: 60 }, (_, look) => look % 5 === 0 ? 0 : 4);
  assertEquals(floodInWords(after(20, ...stalling))?.endsWith("more than 50 MB/s"), true);
});

Deno.test("lookAfterMs() comes the sooner the faster the fastest writes, within bounds", () => {
  assertEquals(lookAfterMs([]), LOOK_MS);
  assertEquals(lookAfterMs([QUIET, after(250, 1)]), LOOK_MS);
  const fast = lookAfterMs([QUIET, after(250, 50)]);
  assertEquals(fast > 40 && fast < 60, true, `${fast} ms for 200 MB/s`);
  assertEquals(lookAfterMs([after(250, 250_000)]), 20);
  assertEquals(FLOOD_MS / LOOK_MS >= 3, true, "a flood is seen by several looks");
});
