import { assertEquals, assertThrows } from "@std/assert";
import { formatDuration, parseDurationMs, readDurationMs } from "../../lib/runtime/duration.ts";

Deno.test("parseDurationMs() reads every unit", () => {
  const cases = { "500ms": 500, "1s": 1_000, "5m": 300_000, "2h": 7_200_000, "1d": 86_400_000, "0s": 0 };
  for (const [text, ms] of Object.entries(cases)) assertEquals(parseDurationMs(text), ms, text);
});

Deno.test("parseDurationMs() refuses a number without a unit and says the rule and the text", () => {
  assertThrows(() => parseDurationMs("5"), RangeError, `a whole number with a unit of ms, s, m, h or d`);
  assertThrows(() => parseDurationMs("5"), RangeError, `found "5"`);
});

Deno.test("readDurationMs() gives nothing for what is no duration", () => {
  for (const text of ["", "s", "-1s", "1.5s", "1 s", "1S", "1w", "1s1", "٣s", "1s\n", "3651d", "9999999999999999ms"]) {
    assertEquals(readDurationMs(text), undefined, JSON.stringify(text));
  }
});

Deno.test("formatDuration() shows the two leading units, and rounds up into the next", () => {
  const cases: [number, string][] = [
    [0, "0 ms"],
    [45, "45 ms"],
    [999.6, "1.0 s"],
    [1_200, "1.2 s"],
    [59_960, "1 m 00 s"],
    [185_000, "3 m 05 s"],
    [3_599_600, "1 h 00 m"],
    [7_500_000, "2 h 05 m"],
    [274_000_000, "3 d 04 h"],
  ];
  for (const [ms, text] of cases) assertEquals(formatDuration(ms), text);
});
