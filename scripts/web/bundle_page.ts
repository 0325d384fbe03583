/**
 * The parts of the dashboard as a browser takes them: one script out of all modules, beside it what that fetches later,
 * one style sheet with that of the charts before our own, and what goes along as it is.
 * @module
 */
import { join } from "node:path";
import { BuildError, bundleAdvice, runDeno, type Toolchain } from "../build/run_deno.ts";

export interface PageParts {
  html: string;
  script: string;
  /** Parts of the script that it fetches when they are needed, by the names that it calls them by. */
  later: Readonly<Record<string, string>>;
  style: string;
  icon: string;
}

const FOLDER = "lib/console/web";

export async function bundlePage(tools: Toolchain): Promise<PageParts> {
  const read = (file: string) => Deno.readTextFile(join(tools.project, FOLDER, file));
  const out = await Deno.makeTempDir({ prefix: "muster-web-" });
  try {
    // In one run: the style sheet's packages are only found once those of the script were fetched.
    const entries = ["main.tsx", "page.css"].map((file) => join(FOLDER, file));
    const args = [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--minify",
      "--code-splitting",
      `--outdir=${out}`,
      ...entries,
    ];
    const { success, text } = await runDeno(args, tools);
    if (!success) throw new BuildError(`Cannot bundle ${FOLDER}: deno bundle failed\n${text}${bundleAdvice(text)}`);
    return {
      html: await read("page.html"),
      icon: await read("favicon.svg"),
      script: await Deno.readTextFile(join(out, "main.js")),
      later: await laterParts(out),
      style: await Deno.readTextFile(join(out, "page.css")),
    };
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

async function laterParts(folder: string): Promise<Record<string, string>> {
  const parts: Record<string, string> = {};
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".js") && name !== "main.js") parts[name] = await Deno.readTextFile(join(folder, name));
  }
  return parts;
}
