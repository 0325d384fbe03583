/**
 * What is said at the end of the story: each step and how long it took, and what the steady client has met with.
 * @module
 */
import type { Tally } from "./client.ts";
import { FAILED, inMs, PASSED, type Screen } from "./screen.ts";
import type { Played } from "./story.ts";

const NAME_WIDTH = 40;

export function showSummary(played: readonly Played[], tally: Tally | undefined, screen: Screen): void {
  for (const { name, tookMs, problem } of played) {
    const mark = problem === undefined ? screen.good(PASSED) : screen.bad(FAILED);
    screen.print(`  ${mark} ${name.padEnd(NAME_WIDTH)}${inMs(tookMs)}`);
  }
  if (tally === undefined) return;
  const counts = screen.bold(countsOf(tally));
  screen.print("", `  ${tally.failed === 0 ? screen.good(PASSED) : screen.bad(FAILED)} ${counts}${timesOf(tally)}`);
  for (const failure of tally.failures) screen.print(`    ${screen.bad(failure)}`);
}

/** Requests that were sent while nobody could have answered are none of these. */
export function countsOf(tally: Tally | undefined): string {
  return tally === undefined ? "" : `requests ${tally.requests}, failed ${tally.failed}`;
}

function timesOf({ tookMs }: Tally): string {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  const slowest = sorted.at(-1);
  if (median === undefined || slowest === undefined) return "";
  return `   median ${median.toFixed(1)} ms, slowest ${slowest.toFixed(0)} ms`;
}
