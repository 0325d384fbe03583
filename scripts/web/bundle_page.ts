/**
 * The parts of the dashboard as a browser takes them: one script out of all modules, beside it what that fetches later,
 * one style sheet, and what goes along as it is. What isn't used of uPlot is left out on the way.
 * @module
 */
import { join } from "node:path";
import { BuildError, bundleAdvice, runDeno, type Toolchain } from "../build/run_deno.ts";
import { minifyScript } from "./minify_script.ts";
import { slimPlot } from "./slim_plot.ts";

export interface PageParts {
  html: string;
  script: string;
  /** Parts of the script that it fetches when they are needed, by the names that it calls them by. */
  later: Readonly<Record<string, string>>;
  style: string;
  icon: string;
}

const FOLDER = "lib/console/web";
const ENTRIES = ["main.tsx", "page.css"];
const PLOT = "plot.js";

export async function bundlePage(tools: Toolchain): Promise<PageParts> {
  const read = (file: string) => Deno.readTextFile(join(tools.project, FOLDER, file));
  const out = await Deno.makeTempDir({ prefix: "muster-web-" });
  const [whole, small] = [join(out, "whole"), join(out, "small")];
  try {
    // In one run: the style sheet's packages are only found once those of the script were fetched.
    await bundle(ENTRIES.map((file) => join(FOLDER, file)), [`--outdir=${whole}`], tools);
    await slimPlotIn(whole);
    // What is an entry keeps its name.
    const entries = ["main.js", PLOT, "page.css"].map((file) => join(whole, file));
    await bundle(entries, ["--minify", `--outdir=${small}`], tools);
    return {
      html: await read("page.html"),
      icon: await read("favicon.svg"),
      script: await minifyScript(await Deno.readTextFile(join(small, "main.js"))),
      later: Object.fromEntries(await Promise.all((await laterParts(small)).map(minifyPart))),
      style: await Deno.readTextFile(join(small, "page.css")),
    };
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

async function bundle(entries: readonly string[], flags: readonly string[], tools: Toolchain): Promise<void> {
  const args = ["bundle", "--quiet", "--platform=browser", "--code-splitting", ...flags, ...entries];
  const { success, text } = await runDeno(args, tools);
  if (!success) throw new BuildError(`Cannot bundle ${FOLDER}: deno bundle failed\n${text}${bundleAdvice(text)}`);
}

/** Its name has a digest of paths of this machine in it, and gets one that has none. */
async function slimPlotIn(folder: string): Promise<void> {
  const [plot, ...others] = await laterParts(folder);
  if (plot === undefined || others.length > 0) throw new BuildError("Cannot slim uPlot: it is not the one part apart");
  const [name, source] = plot;
  await Deno.remove(join(folder, name));
  await Deno.writeTextFile(join(folder, PLOT), slimPlot(source));
  const main = join(folder, "main.js");
  await Deno.writeTextFile(main, (await Deno.readTextFile(main)).replaceAll(name, PLOT));
}

type Part = readonly [name: string, source: string];

/** What the script fetches later. */
async function laterParts(folder: string): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".js") && name !== "main.js") parts.push([name, await Deno.readTextFile(join(folder, name))]);
  }
  return parts;
}

async function minifyPart([name, source]: Part): Promise<Part> {
  return [name, await minifyScript(source)];
}
