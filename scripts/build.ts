/**
 * `deno task build [--target <name>]... [--all] [--out <folder>] [--deno <program>]`: makes the binaries of controller,
 * agent and payload in `dist/<target>/`, beside them what installs them, and the checksums of all in SHA256SUMS. Without a
 * target it builds for this machine.
 * The Deno that runs this also bundles and compiles, unless `--deno` or MUSTER_BUILD_DENO names another one.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, compile, proveThatItStarts } from "./build/compile.ts";
import { PROGRAMS, type ProgramToBuild } from "./build/programs.ts";
import { BuildError, type Toolchain } from "./build/run_deno.ts";
import { ownTarget, type Target, targetNamed, TARGETS } from "./build/targets.ts";
import { DASHBOARD_FILE, makeDashboard } from "./web.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const BYTES_PER_MIB = 1_024 * 1_024;
const FAILURE = 1;
const USAGE = 2;
const HELP = `Usage: deno task build [--target <name>]... [--all] [--out <folder>] [--deno <program>]

  --target  what to build for, this machine by default: ${TARGETS.map(({ name }) => name).join(", ")}
  --all     build for all of them
  --out     where the folders of the targets go, dist by default
  --deno    the Deno that bundles and compiles, the one that runs this by default (also MUSTER_BUILD_DENO)

DENORT_BIN may name the runtime of one target, for machines that can't fetch it; build one target at a time then.`;

interface Plan {
  targets: readonly Target[];
  out: string;
  tools: Toolchain;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) return tell(HELP, 0);
  const plan = readPlan(args);
  if (typeof plan === "string") return tell(`${plan}\n\n${HELP}`, USAGE);
  try {
    await build(plan);
    return 0;
  } catch (error) {
    if (error instanceof BuildError) return tell(error.message, FAILURE);
    throw error;
  }
}

/** What to build, or what is wrong with the arguments. */
function readPlan(args: string[]): Plan | string {
  const unknown: string[] = [];
  const flags = parseArgs(args, {
    string: ["target", "out", "deno"],
    boolean: ["all"],
    collect: ["target"],
    unknown: (argument) => {
      unknown.push(argument);
      return false;
    },
  });
  if (unknown.length > 0) return `Unknown argument: ${unknown.join(" ")}`;
  const named: Target[] = [];
  for (const name of flags.target) {
    const target = targetNamed(name);
    if (target === undefined) return `Unknown target: ${name}`;
    named.push(target);
  }
  const own = ownTarget();
  if (!flags.all && named.length === 0 && own === undefined) {
    return "Muster isn't built for this machine: give --target";
  }
  const targets = flags.all ? TARGETS : named.length > 0 ? named : own === undefined ? [] : [own];
  if (targets.length > 1 && Deno.env.has("DENORT_BIN")) {
    return "Cannot build several targets with DENORT_BIN: it is the runtime of one; build one --target at a time";
  }
  const deno = flags.deno ?? Deno.env.get("MUSTER_BUILD_DENO") ?? Deno.execPath();
  return { targets, out: resolve(flags.out ?? join(PROJECT, "dist")), tools: { deno, project: PROJECT } };
}

async function build({ targets, out, tools }: Plan): Promise<void> {
  const work = await Deno.makeTempDir({ prefix: "muster-build-" });
  try {
    for (const { name } of PROGRAMS) await bundle(name, join(work, `${name}.js`), tools);
    await makeDashboard(tools, { out: join(work, DASHBOARD_FILE) });
    for (const target of targets) await buildTarget(target, { folder: join(out, target.name), work, tools });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

interface TargetPlan {
  folder: string;
  /** Where the bundled programs are. */
  work: string;
  tools: Toolchain;
}

async function buildTarget(target: Target, { folder, work, tools }: TargetPlan): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const sums: string[] = [];
  for (const program of PROGRAMS) {
    const file = `${program.name}${target.suffix}`;
    const path = join(folder, file);
    const include = program.hasDashboard === true ? [join(work, DASHBOARD_FILE)] : [];
    await compile(program, { bundled: join(work, `${program.name}.js`), include, out: path, target }, tools);
    if (target === ownTarget()) await proveThatItStarts(path);
    sums.push(`${await sha256Of(path)}  ${file}\n`);
    tell(`${path}  ${await mebibytesOf(path)} MiB${describe(program)}`, 0);
  }
  for (const extra of target.extras) {
    const file = basename(extra);
    await Deno.copyFile(join(PROJECT, extra), join(folder, file));
    sums.push(`${await sha256Of(join(folder, file))}  ${file}\n`);
  }
  await Deno.writeTextFile(join(folder, "SHA256SUMS"), sums.join(""));
}

function describe({ permissions }: ProgramToBuild): string {
  return `  (${permissions.map((permission) => permission.replace("--allow-", "")).join(", ")})`;
}

async function sha256Of(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}

async function mebibytesOf(path: string): Promise<number> {
  return Math.round((await Deno.stat(path)).size / BYTES_PER_MIB);
}

/** Says something to whoever started the build; `code` is what to exit with. */
function tell(text: string, code: number): number {
  console.log(text);
  return code;
}
