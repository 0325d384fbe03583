/**
 * `deno task check:jsr [--from <checkout of std>]... [what to test]`: runs Muster on the real @std packages, so that
 * the stand-ins in lib/std stay honest. It copies the project into a temporary folder, takes `links` out of its
 * deno.json, or points them to the checkouts, and type-checks and tests the copy. Several checkouts are asked in
 * their order for a package; one that none of them has stays on its stand-in, which is said. Without a checkout
 * and without a registry in reach there is nothing to compare with: that is said, and is no failure.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { deadline } from "@std/async/deadline";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** How long the registry may take to prove that it is there. */
const PROBE_MS = 15_000;

/** What Muster asks of its own code beyond types; a linked checkout would be held to it too, unlike a package. */
const HOUSE_OPTIONS = ["noImplicitReturns", "noUnusedLocals", "noUnusedParameters"];

type Options = Record<string, unknown>;
type Config = { links: string[]; imports: Record<string, string>; compilerOptions: Options } & Record<string, unknown>;
type Package = { name: string; version: string; dir: string };

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const { from, _: targets } = parseArgs(args, { string: ["from", "_"], collect: ["from"] });
  const project = fileURLToPath(new URL("..", import.meta.url));
  const copy = await Deno.realPath(await Deno.makeTempDir({ prefix: "muster-check-jsr-" }));
  try {
    await copyProject(project, copy);
    if (from.length > 0) await linkCheckouts(copy, await readCheckouts(from));
    else if (!await unlink(copy)) return 0;
    const paths = targets.map(String);
    return await run(copy, ["check", ...(paths.length > 0 ? paths : ["."])]) ||
      await run(copy, ["task", "test", ...paths]);
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

/** Copies what git tracks or would track; what lies around ignored stays behind. */
async function copyProject(project: string, copy: string): Promise<void> {
  const listing = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: project,
    stderr: "inherit",
  }).output();
  if (!listing.success) {
    throw new Error(`Cannot copy the project: git ls-files ended with ${listing.code} in ${project}`);
  }
  for (const path of new TextDecoder().decode(listing.stdout).split("\0").filter(Boolean)) {
    await Deno.mkdir(join(copy, dirname(path)), { recursive: true });
    try {
      await Deno.copyFile(join(project, path), join(copy, path));
    } catch (error) {
      // Git lists a deleted file until the deletion is committed.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** Finds the packages in the checkouts; the first that has one wins. */
async function readCheckouts(checkouts: string[]): Promise<Map<string, Package>> {
  const packages = new Map<string, Package>();
  for (const checkout of checkouts) {
    for await (const entry of Deno.readDir(checkout)) {
      if (!entry.isDirectory) continue;
      const dir = resolve(checkout, entry.name);
      const found = await readPackage(dir);
      if (found && !packages.has(found.name)) packages.set(found.name, found);
    }
  }
  return packages;
}

async function readPackage(dir: string): Promise<Package | undefined> {
  try {
    const { name, version } = JSON.parse(await Deno.readTextFile(join(dir, "deno.json")));
    return name && version ? { name, version, dir } : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read the package in ${dir}: its deno.json is unusable; pass a checkout of std`, {
      cause: error,
    });
  }
}

/** Puts the checkouts' packages in the place of the stand-ins, with all the packages that those import. */
async function linkCheckouts(copy: string, upstream: Map<string, Package>): Promise<void> {
  const config = await readConfig(copy);
  const standIns: string[] = [];
  for (const link of config.links) {
    const name = (await readPackage(join(copy, link)))?.name;
    const original = upstream.get(name ?? "");
    if (!original) standIns.push(link);
    say(
      original ? `${name} ${original.version} from ${original.dir}` : `${name} is in no checkout: its stand-in stays`,
    );
  }
  // Ours come first in the imports: their ranges are part of what is checked.
  const imports = [...upstream.values()].map(({ name, version }) => [name, `jsr:${name}@${version}`]);
  await writeConfig(copy, {
    ...config,
    compilerOptions: { ...config.compilerOptions, ...Object.fromEntries(HOUSE_OPTIONS.map((name) => [name, false])) },
    imports: { ...Object.fromEntries(imports), ...config.imports },
    // Relative, because Deno 2.7 loses the last part of an absolute link.
    links: [...standIns, ...[...upstream.values()].map(({ dir }) => relative(copy, dir))],
  });
}

/** Takes the stand-ins away, if the registry can give the originals. */
async function unlink(copy: string): Promise<boolean> {
  const { links: _, ...config } = await readConfig(copy);
  const wanted = Object.values(config.imports).filter((specifier) => specifier.startsWith("jsr:@std/"));
  if (!await canFetch(copy, wanted)) {
    say("skipped: JSR cannot be reached from here, and no checkout of std was given (--from <folder>)");
    return false;
  }
  await writeConfig(copy, config);
  say(`on the registry: ${wanted.join(", ")}`);
  return true;
}

/** Whether Deno can load the packages, asked of a Deno that sees no configuration and so no stand-ins. */
async function canFetch(copy: string, specifiers: string[]): Promise<boolean> {
  const probe = new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", "--no-config", "--no-lock", ...specifiers],
    cwd: copy,
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    return (await deadline(probe.status, PROBE_MS)).success;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
    probe.kill("SIGKILL");
    await probe.status;
    return false;
  }
}

async function run(cwd: string, args: string[]): Promise<number> {
  say(`deno ${args.join(" ")}`);
  return (await new Deno.Command(Deno.execPath(), { args, cwd }).spawn().status).code;
}

async function readConfig(dir: string): Promise<Config> {
  return JSON.parse(await Deno.readTextFile(join(dir, "deno.json")));
}

async function writeConfig(dir: string, config: Record<string, unknown>): Promise<void> {
  await Deno.writeTextFile(join(dir, "deno.json"), JSON.stringify(config, undefined, 2));
}

function say(line: string): void {
  console.log(`check:jsr: ${line}`);
}
