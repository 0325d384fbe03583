/**
 * What stands beside charts says where it stands.
 * @module
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { BINARY_STEPS, decimalSteps } from "../../../../lib/console/web/components/chart_steps.ts";
import { bytes, cores, latency, rate } from "../../../../lib/console/web/format.ts";

const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  "k": 1e3,
  "µs": 1e-6,
  "ms": 1e-3,
  "s": 1,
  "B": 1,
  "KiB": 2 ** 10,
  "MiB": 2 ** 20,
  "GiB": 2 ** 30,
  "TiB": 2 ** 40,
};
/** A chart is as high as so many of them at most. */
const LABELS_MAX = 4;

/** The number that a label says. */
function valueOf(label: string): number {
  const [amount = "", unit = ""] = label.split(" ");
  return Number(amount) * FACTORS[unit]!;
}

Deno.test("a value beside a chart is written without rounding, for each step that its format may have", () => {
  const charts = [
    { format: cores, steps: decimalSteps(-2) },
    { format: rate, steps: decimalSteps(-1) },
    { format: latency, steps: decimalSteps(-6).filter((step) => step < 1_000) },
    { format: bytes, steps: BINARY_STEPS.filter((step) => step < 2 ** 48) },
  ];
  for (const { format, steps } of charts) {
    for (const step of steps) {
      for (let nth = 0; nth <= LABELS_MAX; nth += 1) {
        const label = format(nth * step);
        assertAlmostEquals(valueOf(label), nth * step, step * 1e-6, `${nth} × ${step} is called ${label}`);
      }
    }
  }
});

Deno.test("decimalSteps() begins with the power that is asked for, and goes on without a gap", () => {
  assertEquals(decimalSteps(-2).slice(0, 7), [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]);
});
