/**
 * `deno run -A tests/fuzz/main.ts --seed=N --inputs=M`: gives the HTTP/1.1 machine M inputs, requests and answers in turn.
 * The first few that show a mistake are printed, and the run fails; the same seed always gives the same inputs.
 * @module
 */
import { parseArgs } from "@std/cli";
import { seededRandom } from "../../lib/runtime/random.ts";
import { tryAnswers, tryRequests } from "./http1.ts";

const SHOWN_MAX = 5;
const WORD_EVERY = 1_000_000;

const flags = parseArgs(Deno.args, { string: ["seed", "inputs"], default: { inputs: "1000000" } });
const seed = flags.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(flags.seed);
const inputs = Number(flags.inputs);
if (!Number.isSafeInteger(seed) || !(inputs > 0)) {
  console.error("Cannot fuzz: --seed takes a whole number and --inputs a positive one");
  Deno.exit(2);
}

const random = seededRandom(seed);
const started = performance.now();
let wrongs = 0;
for (let count = 1; count <= inputs; count++) {
  const { text, wrong } = count % 2 === 0 ? tryAnswers(random) : tryRequests(random);
  if (wrong !== undefined && wrongs++ < SHOWN_MAX) console.log(`input ${count}: ${JSON.stringify(text)}: ${wrong}`);
  if (count % WORD_EVERY === 0) console.log(`${count} inputs, ${wrongs} wrong`);
}
const microsecondsEach = (performance.now() - started) * 1_000 / inputs;
console.log(`seed ${seed}: ${inputs} inputs, ${microsecondsEach.toFixed(1)} µs each, ${wrongs} wrong`);
Deno.exit(wrongs > 0 ? 1 : 0);
