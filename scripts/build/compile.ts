/**
 * The two steps from a program's source to its binary, each a run of Deno: one file out of all modules, without what
 * nothing uses, and then that file behind Deno's runtime. Compiling the sources directly works too, but embeds every
 * package of the lock file: a program made so starts slower and rests on more memory.
 * @module
 */
import type { ProgramToBuild } from "./programs.ts";
import { BuildError, bundleAdvice, runDeno, type Toolchain } from "./run_deno.ts";
import type { Target } from "./targets.ts";

/** What each binary is made with besides its permissions. */
const BAKED_IN = [
  // The code cache would lie in a place that others on the host can guess.
  "--no-code-cache",
  "--no-prompt",
  // sd_notify needs datagram sockets.
  "--unstable-net",
];

/** By which the packages in the bundle that are no modules yet (yaml) find what Node calls its own. */
const REQUIRE = 'import { createRequire as $make } from "node:module"; const require = $make(import.meta.url);';

/** Puts the program and all that it imports into one file. */
export async function bundle(name: ProgramToBuild["name"], out: string, tools: Toolchain): Promise<void> {
  const args = ["bundle", "--quiet", "--platform=deno", "--minify", `--output=${out}`, `${name}.ts`];
  // Of packages that come in several forms the one for bundlers: tslib's other one loses its exports in a bundle.
  const { success, text } = await runDeno(args, tools, { DENO_CONDITIONS: "module" });
  if (!success) throw new BuildError(`Cannot bundle ${name}.ts: deno bundle failed\n${text}${bundleAdvice(text)}`);
  await Deno.writeTextFile(out, `${REQUIRE}\n${await Deno.readTextFile(out)}`);
}

export interface CompileOptions {
  bundled: string;
  /** Files that the program reads by their place beside it, with it. */
  include?: readonly string[];
  out: string;
  target: Target;
}

/** Makes a binary of a bundled program. */
export async function compile(
  { name, permissions, engine }: ProgramToBuild,
  { bundled, include = [], out, target }: CompileOptions,
  tools: Toolchain,
): Promise<void> {
  const args = [
    "compile",
    "--quiet",
    "--no-config",
    "--no-lock",
    ...BAKED_IN,
    ...permissions,
    `--v8-flags=${engine.join(",")}`,
    `--target=${target.triple}`,
    ...include.map((path) => `--include=${path}`),
    `--output=${out}`,
    bundled,
  ];
  const { success, text } = await runDeno(args, tools);
  if (!success) {
    throw new BuildError(
      `Cannot compile ${name} for ${target.name}: deno compile failed\n${text}${compileAdvice(text)}`,
    );
  }
}

/** Starts a binary of this machine's own kind, which shows whether the runtime and the compiler belong together. */
export async function proveThatItStarts(path: string): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(path, { args: ["--version"], stdin: "null" }).output();
  if (success) return;
  const decoder = new TextDecoder();
  throw new BuildError(
    `Cannot use ${path}: it was compiled but does not start\n${decoder.decode(stdout)}${decoder.decode(stderr)}` +
      "The runtime in DENORT_BIN must be of exactly the version of Deno that compiles; " +
      "--deno names another Deno, or leave DENORT_BIN out.",
  );
}

function compileAdvice(text: string): string {
  if (!/base binary|denort|error sending request/.test(text)) return "";
  return "deno compile puts the program behind Deno's runtime (denort), which it fetches once per version and target.\n" +
    "Where its host can't be reached: fetch denort-<target>.zip of this very version of Deno elsewhere, unpack it, and\n" +
    "name the file in DENORT_BIN.\n";
}
