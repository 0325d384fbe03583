/**
 * Numbers and times as the dashboard shows them.
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  ago,
  bytes,
  cores,
  count,
  lasting,
  latency,
  mebibytes,
  moment,
  rate,
  timeOfDay,
} from "../../../lib/console/web/format.ts";

Deno.test("lasting() counts in whole seconds and is never negative", () => {
  assertEquals([0, 999, 1_000, 59_999, 60_000, 3_600_000].map(lasting), [
    "0 s",
    "0 s",
    "1 s",
    "59 s",
    "1 m 00 s",
    "1 h 00 m",
  ]);
  assertEquals(lasting(-5_000), "0 s");
});

Deno.test("ago() says just now for a moment", () => {
  assertEquals([ago(-100), ago(4_999), ago(5_000)], ["just now", "just now", "5 s ago"]);
});

Deno.test("bytes() keeps to three digits", () => {
  assertEquals([0, 999, 1_000, 1_536, 150 * 1_024 ** 2, 3 * 1_024 ** 3].map(bytes), [
    "0 B",
    "999 B",
    "1.0 KiB",
    "1.5 KiB",
    "150 MiB",
    "3.0 GiB",
  ]);
  assertEquals(mebibytes(24_064), "23.5 GiB");
});

Deno.test("cores(), rate() and latency() are short", () => {
  assertEquals([0, 0.001, 0.05, 0.25, 1.98, 2, 63.7].map(cores), ["0", "0", "0.05", "0.25", "1.98", "2", "63.7"]);
  assertEquals([0, 0.4, 12.3, 12_345].map(rate), ["0", "0.4", "12", "12.3 k"]);
  assertEquals([0.000_2, 0.003_2, 0.085, 1.2].map(latency), ["200 µs", "3.2 ms", "85 ms", "1.20 s"]);
});

Deno.test("count() knows one from many", () => {
  assertEquals([count(1, "replica"), count(0, "replica"), count(5_000, "thing needs", "things need")], [
    "1 replica",
    "0 replicas",
    "5,000 things need",
  ]);
});

Deno.test("a time that is none is shown as it came, or not at all", () => {
  assertEquals([moment("soon"), timeOfDay("soon")], ["soon", ""]);
});
