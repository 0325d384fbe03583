/**
 * uPlot without what our charts never use. It is one function that decides by its options while it runs, and carries all
 * else as properties, so that a bundler can't tell what is left unused. What our options always answer alike is answered
 * here beforehand; the bundler then leaves out what nobody can come to.
 * @module
 */
import { BuildError } from "../build/run_deno.ts";

/** Never true: the key below a chart is our own, lines that are pointed at stay as they are, and times are numbers. */
const NEVER = ["showLegend", "multiValLegend", "cursorFocus", "cursorOnePt", "isTime"];
/** Not called then, or for nothing. */
const UNUSED = [
  / {2}function (initLegendRow|syncLegend|setLegendValues)\([^]*?^ {2}\}/,
  / {2}const _(tzDate|fmtDate|timeAxisSplits|timeAxisVals|timeSeriesVal) = .*/,
  /var \[timeIncrs(Ms|S), .*/,
  // What it offers beside charts, and bars, splines and steps.
  /uPlot\.assign = assign;[^]*(?=^export )/,
];

/** What stands in uPlot as the bundler prints it, and what stands there instead. */
const ANSWERS: readonly (readonly [RegExp, string])[] = [
  // All lines of a chart share their times.
  [/\bmode == 1\b/g, "true"],
  [/\bmode == 2\b/g, "false"],
  // All scales are linear.
  [/\b(\w+\.)?distr == (2|3|4|100)\b/g, "false"],
  [/\b\w+\.distr >= 3\b/g, "false"],
  [/\blegend\.(show|live)\b/g, "false"],
  ...NEVER.map((name) => [new RegExp(`\\b${name}\\b(?! =)`, "g"), "false"] as const),
  ...UNUSED.map(({ source }) => [new RegExp(`^${source}`, "gm"), ""] as const),
];

/** Takes uPlot as the bundler prints it, not minified. One that has nothing of what is looked for isn't the one known. */
export function slimPlot(source: string): string {
  return ANSWERS.reduce((slimmed, [question, answer]) => {
    const answered = slimmed.replace(question, answer);
    if (answered === slimmed) {
      throw new BuildError(`Cannot slim uPlot: this version has nothing like ${question}; look at it anew`);
    }
    return answered;
  }, source);
}
