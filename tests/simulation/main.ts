/**
 * `deno task sim --seed=N --hours=H`: simulates H virtual hours in runs of one hour each, from seed N on, shared among as
 * many processes as there are cores. Each failing seed is shrunk to the steps that it takes, and printed with the end of
 * what happened then; `--only=3,7` plays these steps alone. The same seed always plays the same.
 * @module
 */
import { parseArgs } from "@std/cli";
import { addTallies, lineOf, newTally, playShared, type Tally } from "./share.ts";
import { simulate, type Verdict } from "./run.ts";
import { stepInWords } from "./script.ts";
import { shrink } from "./shrink.ts";

const SHRUNK_MAX = 3;
const LINES_SHOWN = 60;
/** Fewer hours are not worth a second process. */
const SHARED_FROM = 10;

const flags = parseArgs(Deno.args, {
  string: ["seed", "hours", "only"],
  // `share` is how it starts itself, to play a part of the seeds.
  boolean: ["verbose", "shrink", "share"],
  default: { hours: "10", shrink: true },
  negatable: ["shrink"],
});
const first = flags.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(flags.seed);
const only = flags.only === undefined
  ? undefined
  : new Set(flags.only.split(",").filter((text) => text !== "").map(Number));
const hours = only === undefined ? Math.ceil(Number(flags.hours)) : 1;
if (!Number.isSafeInteger(first) || !(hours > 0)) {
  console.error("Cannot simulate: --seed takes a whole number and --hours a positive number");
  Deno.exit(2);
}

const started = performance.now();
const isShared = !flags.share && !flags.verbose && hours >= SHARED_FROM && only === undefined;
const tally = isShared ? addTallies(await playShared({ first, hours, shrink: flags.shrink })) : playAll();
if (flags.share) console.log(lineOf(tally));
else sum(tally);
if (tally.failed.length > 0) Deno.exit(1);

function playAll(): Tally {
  const tally = newTally();
  for (let seed = first; seed < first + hours; seed++) {
    const verdict = simulate(seed, { only });
    tally.faults += verdict.faults;
    tally.commits += verdict.commits;
    tally.converged.push(verdict.convergedMs);
    if (flags.verbose) print(verdict, Infinity);
    if (verdict.violations.length === 0) continue;
    tally.failed.push(seed);
    if (!flags.verbose) tell(verdict, tally.failed.length);
  }
  return tally;
}

function sum({ faults, commits, converged, failed }: Tally): void {
  const minutes = (performance.now() - started) / 60_000;
  converged.sort((a, b) => a - b);
  console.log(
    `simulated ${hours} h (seeds ${first} to ${first + hours - 1}) in ${(minutes * 60).toFixed(1)} s, ` +
      `${Math.round(hours / minutes)} virtual hours per minute: ${faults} faults, ${commits} commits, ` +
      `converged after ${converged[converged.length >> 1]} ms (median), ${converged.at(-1)} ms (most); ` +
      `${failed.length} seeds failed`,
  );
}

/** Says what broke, with as few steps as it takes. */
function tell(verdict: Verdict, failed: number): void {
  const { seed } = verdict;
  const shrunk = flags.shrink && failed <= SHRUNK_MAX ? shrink(seed, { only }) : undefined;
  if (shrunk === undefined) {
    for (const violation of verdict.violations) console.log(`✗ seed ${seed}: ${violation}`);
    console.log(`  replay it with: deno task sim --seed=${seed} --hours=1 --verbose`);
    return;
  }
  const small = simulate(seed, { only: new Set(shrunk.steps) });
  print(small, LINES_SHOWN);
  console.log(`  shrunk from ${verdict.script.length} steps to ${shrunk.steps.length}:`);
  for (const step of small.script) console.log(`    ${stepInWords(step)}`);
  console.log(`  replay it with: deno task sim --seed=${seed} --only=${shrunk.steps.join(",")} --verbose`);
}

function print({ seed, transcript, violations }: Verdict, linesMax: number): void {
  for (const line of transcript.slice(-linesMax)) console.log(line);
  for (const violation of violations) console.log(`✗ seed ${seed}: ${violation}`);
}
