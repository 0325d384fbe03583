/**
 * `deno task sim --seed=N --hours=H`: simulates H virtual hours in runs of one hour each, from seed N on. Each failing
 * seed is shrunk to the steps that it takes, and printed with the end of what happened then; `--only=3,7` plays these
 * steps alone. The same seed always plays the same.
 * @module
 */
import { parseArgs } from "@std/cli";
import { simulate, type Verdict } from "./run.ts";
import { stepInWords } from "./script.ts";
import { shrink } from "./shrink.ts";

const SHRUNK_MAX = 3;
const LINES_SHOWN = 60;

const flags = parseArgs(Deno.args, {
  string: ["seed", "hours", "only"],
  boolean: ["verbose", "shrink"],
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

const failed: number[] = [];
let faults = 0;
let commits = 0;
const converged: number[] = [];
const started = performance.now();
for (let seed = first; seed < first + hours; seed++) {
  const verdict = simulate(seed, { only });
  faults += verdict.faults;
  commits += verdict.commits;
  converged.push(verdict.convergedMs);
  if (flags.verbose) print(verdict, Infinity);
  if (verdict.violations.length === 0) continue;
  failed.push(seed);
  if (!flags.verbose) tell(verdict);
}
const minutes = (performance.now() - started) / 60_000;
converged.sort((a, b) => a - b);
console.log(
  `simulated ${hours} h (seeds ${first} to ${first + hours - 1}) in ${(minutes * 60).toFixed(1)} s, ` +
    `${Math.round(hours / minutes)} virtual hours per minute: ${faults} faults, ${commits} commits, ` +
    `converged after ${converged[converged.length >> 1]} ms (median), ${converged.at(-1)} ms (most); ` +
    `${failed.length} seeds failed`,
);
if (failed.length > 0) Deno.exit(1);

/** Says what broke, with as few steps as it takes. */
function tell(verdict: Verdict): void {
  const { seed } = verdict;
  const shrunk = flags.shrink && failed.length <= SHRUNK_MAX ? shrink(seed, { only }) : undefined;
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
