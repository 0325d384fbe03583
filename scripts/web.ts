/**
 * `deno task web [--force] [--deno <program>]`: makes the dashboard out of `lib/console/web`, as one file that the
 * controller serves `/ui` from. The binaries get one made at their build; from source it is made anew by whatever starts a
 * controller here once a source is newer than it.
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFileAtomic } from "../lib/runtime/atomic_file.ts";
import { BuildError, type Toolchain } from "./build/run_deno.ts";
import { bundlePage } from "./web/bundle_page.ts";
import { newestMs } from "./web/newest.ts";
import { packPage } from "./web/pack_page.ts";

/** Where it lies, from the project's folder and from that of a bundled controller alike. */
export const DASHBOARD_FILE = "dist/web/dashboard.json";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
/** What the dashboard is made of and by. */
const SOURCES = [
  "lib/console/web",
  "lib/wire",
  "lib/runtime",
  "lib/cluster",
  "scripts/web",
  "scripts/web.ts",
  "deno.json",
];
const BYTES_PER_KB = 1_000;
const FAILURE = 1;
const USAGE = 2;
const HELP = `Usage: deno task web [--force] [--deno <program>]

  --force   make it also when no source is newer
  --deno    the Deno that bundles, the one that runs this by default (also MUSTER_BUILD_DENO)`;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const unknown: string[] = [];
  const flags = parseArgs(args, {
    string: ["deno"],
    boolean: ["force", "help"],
    unknown: (argument) => unknown.push(argument) > 0,
  });
  if (flags.help || unknown.length > 0) {
    console.log(unknown.length > 0 ? `Unknown argument: ${unknown.join(" ")}\n\n${HELP}` : HELP);
    return unknown.length > 0 ? USAGE : 0;
  }
  try {
    const made = flags.force ? await makeDashboard(ownTools(flags.deno)) : await refreshDashboard(ownTools(flags.deno));
    console.log(made ?? `${DASHBOARD_FILE} is up to date`);
    return 0;
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.log(error.message);
    return FAILURE;
  }
}

/** Makes the dashboard if a source is newer than it, and says what was made. */
export async function refreshDashboard(tools: Toolchain = ownTools()): Promise<string | undefined> {
  const madeMs = await newestMs([join(tools.project, DASHBOARD_FILE)]);
  const changedMs = await newestMs(SOURCES.map((source) => join(tools.project, source)));
  return madeMs > changedMs ? undefined : await makeDashboard(tools);
}

/** Makes the dashboard, and says what was made. */
export async function makeDashboard(
  tools: Toolchain,
  { out = join(tools.project, DASHBOARD_FILE) }: { out?: string } = {},
): Promise<string> {
  const { text, pageBytes, laterBytes } = packPage(await bundlePage(tools));
  await Deno.mkdir(dirname(out), { recursive: true });
  await writeFileAtomic(out, text, { mode: 0o644 });
  return `${out}  ${inKb(pageBytes)} compressed, ${inKb(laterBytes)} of it with the first chart`;
}

function inKb(bytes: number): string {
  return `${(bytes / BYTES_PER_KB).toFixed(1)} kB`;
}

function ownTools(deno = Deno.env.get("MUSTER_BUILD_DENO") ?? Deno.execPath()): Toolchain {
  return { deno, project: PROJECT };
}
