import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { BuildError } from "../../../scripts/build/run_deno.ts";
import { slimPlot } from "../../../scripts/web/slim_plot.ts";

/** The places of uPlot that are looked for, as the bundler prints them. */
const PLOT = `var [timeIncrsMs, stampsMs] = genTimeStuffs(1);
var [timeIncrsS, stampsS] = genTimeStuffs(1e-3);
function uPlot(opts) {
  const mode = self.mode;
  const xScaleKey = mode == 2 ? facets : series;
  if (mode == 1) one();
  const _timeAxisVals = timeAxisVals(stampsS);
  const showLegend = legend.show;
  function initLegendRow(s) {
    if (multiValLegend)
      return s;
  }
  if (showLegend) table();
  const isTime = sc.time;
  axis.values = isTime ? _timeAxisVals : numbers;
  axis.filter = sc.distr >= 3 ? powers : all;
  sc.min = distr == 3 ? log10(sc.min) : sc.min;
  const cursorFocus = focus.prox >= 0;
  const cursorOnePt = cursorFocus && points.one;
  if (cursorOnePt) near();
}
uPlot.assign = assign;
{
  uPlot.join = join;
}
export {
  uPlot as default
};
`;

Deno.test("slimPlot() answers what our charts answer alike each time, and drops what uPlot only offers", () => {
  const slimmed = slimPlot(PLOT);
  for (const gone of ["assign", "join", "genTimeStuffs", "initLegendRow", "_timeAxisVals ="]) {
    assert(!slimmed.includes(gone), gone);
  }
  for (
    const kept of [
      "const xScaleKey = false ? facets : series;",
      "if (true) one();",
      "const showLegend = false;",
      "if (false) table();",
      "axis.values = false ?",
      "axis.filter = false ?",
      "sc.min = false ?",
      "if (false) near();",
      "export {\n  uPlot as default\n};\n",
    ]
  ) assertStringIncludes(slimmed, kept);
  assertEquals(slimmed.match(/^\}$/gm)?.length, 1, "the function is whole");
});

Deno.test("slimPlot() refuses a uPlot that it doesn't know", () => {
  for (const name of ["showLegend", "cursorOnePt", "isTime", "distr ==", "timeIncrs", "uPlot.assign"]) {
    assertThrows(() => slimPlot(PLOT.replaceAll(name, "other")), BuildError, "look at it anew");
  }
  assertThrows(() => slimPlot(""), BuildError, "uPlot");
});
