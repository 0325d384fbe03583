/**
 * `deno task sim:mutants`: plays each deliberate bug in a copy of the program, from seed 1 on, until an invariant breaks,
 * and prints which one and at which seed. Fails where a bug is not noticed; `--name=fence` plays those alone.
 * @module
 */
import { parseArgs } from "@std/cli";
import { type Mutant, MUTANTS } from "./mutants.ts";

const COPIED = ["deno.json", "lib", "tests/simulation"];

const root = new URL("../../", import.meta.url);
const { name: wanted } = parseArgs(Deno.args, { string: ["name"], default: { name: "" } });

interface Found {
  seed: number | undefined;
  /** What broke, or why nothing could. */
  words: string;
}

let missed = 0;
for (const mutant of MUTANTS) {
  if (!mutant.name.includes(wanted)) continue;
  const found = await play(mutant);
  if (found.seed === undefined) missed += 1;
  const at = found.seed === undefined
    ? `✗ not within ${mutant.seedsMax}`
    : `✓ seed ${found.seed} of ${mutant.seedsMax}`;
  console.log(`${at.padEnd(20)} ${mutant.name.padEnd(66)} ${found.words}`);
}
console.log(missed === 0 ? "every deliberate bug was noticed" : `${missed} deliberate bugs were not noticed`);
if (missed > 0) Deno.exit(1);

async function play({ file, find, replace, seedsMax }: Mutant): Promise<Found> {
  const folder = await Deno.makeTempDir({ prefix: "muster-mutant-" });
  try {
    for (const path of COPIED) await copy(new URL(path, root), `${folder}/${path}`);
    const text = await Deno.readTextFile(`${folder}/${file}`);
    if (text.split(find).length !== 2) return { seed: undefined, words: `the text to replace is not in ${file} once` };
    await Deno.writeTextFile(`${folder}/${file}`, text.replace(find, () => replace));
    // Each seed's outcome is printed by a process of its own program: a mutant must not be able to end this one.
    const args = ["run", "-A", "--no-check", "tests/simulation/first_violation.ts", String(seedsMax)];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: folder }).output();
    const [line = ""] = new TextDecoder().decode(stdout).split("\n");
    const [seed, ...words] = line.split(" ");
    if (seed !== undefined && seed !== "") return { seed: Number(seed), words: words.join(" ") };
    return { seed: undefined, words: new TextDecoder().decode(stderr).slice(0, 300) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function copy(from: URL, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) {
    await Deno.copyFile(from, to);
    return;
  }
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(new URL(`${from}/${name}`), `${to}/${name}`);
}
