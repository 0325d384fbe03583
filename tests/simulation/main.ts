/**
 * `deno task sim --seed=N --hours=H`: simulates H virtual hours in runs of one hour each, from seed N on. Prints each
 * failing seed with the end of what happened; the same seed always plays the same.
 * @module
 */
import { parseArgs } from "@std/cli";
import { simulate } from "./run.ts";

const flags = parseArgs(Deno.args, { string: ["seed", "hours"], boolean: ["verbose"], default: { hours: "10" } });
const first = flags.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(flags.seed);
const hours = Number(flags.hours);
if (!Number.isSafeInteger(first) || !(hours > 0)) {
  console.error("Cannot simulate: --seed takes a whole number and --hours a positive number");
  Deno.exit(2);
}

let failed = 0;
let faults = 0;
let commits = 0;
const converged: number[] = [];
const started = performance.now();
for (let seed = first; seed < first + Math.ceil(hours); seed++) {
  const verdict = simulate(seed);
  faults += verdict.faults;
  commits += verdict.commits;
  converged.push(verdict.convergedMs);
  if (verdict.violations.length === 0 && !flags.verbose) continue;
  for (const line of verdict.transcript) console.log(line);
  for (const violation of verdict.violations) console.log(`✗ seed ${seed}: ${violation}`);
  if (verdict.violations.length > 0) {
    failed += 1;
    console.log(`  replay it with: deno task sim --seed=${seed} --hours=1 --verbose`);
  }
}
const seconds = (performance.now() - started) / 1_000;
const last = first + Math.ceil(hours) - 1;
converged.sort((a, b) => a - b);
console.log(
  `simulated ${Math.ceil(hours)} h (seeds ${first} to ${last}) in ${seconds.toFixed(1)} s: ${faults} faults, ` +
    `${commits} commits, converged after ${converged[converged.length >> 1]} ms (median), ${
      converged.at(-1)
    } ms (most); ` +
    `${failed} seeds failed`,
);
if (failed > 0) Deno.exit(1);
