import { assertEquals } from "@std/assert";
import { Histogram } from "../../lib/controller/metrics.ts";

Deno.test("Histogram counts each set of labels for itself, in buckets that include the smaller ones", () => {
  const histogram = new Histogram([0.01, 0.1]);
  histogram.observe(5, { outcome: "committed" });
  histogram.observe(50, { outcome: "committed" });
  histogram.observe(500, { outcome: "full" });
  assertEquals(histogram.lines("took"), [
    'took_bucket{outcome="committed",le="0.01"} 1',
    'took_bucket{outcome="committed",le="0.1"} 2',
    'took_bucket{outcome="committed",le="+Inf"} 2',
    'took_sum{outcome="committed"} 0.055',
    'took_count{outcome="committed"} 2',
    'took_bucket{outcome="full",le="0.01"} 0',
    'took_bucket{outcome="full",le="0.1"} 0',
    'took_bucket{outcome="full",le="+Inf"} 1',
    'took_sum{outcome="full"} 0.5',
    'took_count{outcome="full"} 1',
  ]);
});
