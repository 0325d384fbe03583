/**
 * The browser that the dashboard is looked at with: Debian's chromium, without a window. The browser tests, the pictures
 * of the docs and the bench of the dashboard open theirs here.
 * @module
 */
import { ownPackages } from "./own_packages.ts";
import type { Browser, Playwright } from "./playwright.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The browser's path; undefined where there is none. MUSTER_CHROMIUM names another one. */
export async function findChromium(): Promise<string | undefined> {
  const named = Deno.env.get("MUSTER_CHROMIUM");
  if (named !== undefined) return named;
  for (const folder of Deno.env.get("PATH")?.split(":") ?? []) {
    for (const name of NAMES) if (await isFile(`${folder}/${name}`)) return `${folder}/${name}`;
  }
  return undefined;
}

/** Starts it; disposing of it ends it and every page. */
export async function startChromium(): Promise<Browser> {
  const executablePath = await findChromium();
  if (executablePath === undefined) {
    throw new Error("Cannot start a browser: there is no chromium in PATH; install Debian's package chromium");
  }
  // Root can have no sandbox.
  const args = Deno.uid() === 0 ? ["--no-sandbox"] : [];
  const { chromium }: Playwright = await import((await ownPackages()).playwright);
  return await chromium.launch({ executablePath, args });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
