/**
 * `first_violation.ts N`: simulates the seeds from 1 to N until one breaks an invariant, and prints which one and how.
 * That the program throws is noticed as well. `mutants_main` runs it in copies of the program.
 * @module
 */
import { simulate } from "./run.ts";

for (let seed = 1; seed <= Number(Deno.args[0]); seed++) {
  const violation = firstOf(seed);
  if (violation === undefined) continue;
  console.log(`${seed} ${violation}`);
  break;
}

function firstOf(seed: number): string | undefined {
  try {
    return simulate(seed).violations[0];
  } catch (error) {
    return `it throws: ${(error as Error).message}`;
  }
}
