/**
 * What a browser test plays on: a controller and agents as processes, from source, a browser, and a page that must be
 * without trouble at the end. Its pictures go to a folder that MUSTER_PICTURES names, so that somebody may look at them.
 * @module
 */
import { assertEquals } from "@std/assert";
import { findChromium, startChromium } from "../../scripts/browser/chromium.ts";
import { openPage, type WatchedPage } from "../../scripts/browser/watched_page.ts";
import type { Browser, ContextOptions, Page } from "../../scripts/browser/playwright.ts";
import { refreshDashboard } from "../../scripts/web.ts";
import { type Cluster, type ClusterOptions, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const chromium = granted ? await findChromium() : undefined;

/** Whether there is a browser to test with. */
export const browsing = { ignore: chromium === undefined };

export interface Stage {
  cluster: Cluster;
  browser: Browser;
  page: Page;
  watched: WatchedPage;
  /** Keeps what is to be seen, if somebody wants to look at it. */
  picture: (name: string) => Promise<void>;
}

export interface StageOptions {
  cluster?: ClusterOptions;
  /** Troubles that the test itself brings about. */
  expected?: RegExp;
  browser?: ContextOptions;
}

/** Plays on a stage, and makes sure that nothing went wrong in the page meanwhile. */
export async function onStage(
  { cluster: options = { agents: 2 }, expected, browser: browserOptions }: StageOptions,
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  await refreshDashboard();
  await using cluster = await startCluster(options);
  await using browser = await startChromium();
  await using watched = await openPage(browser, {
    url: cluster.controller.url,
    ...(expected && { expected }),
    ...(browserOptions && { browser: browserOptions }),
  });
  const { page } = watched;
  const picture = (name: string) => keepPicture(page, name);
  try {
    await play({ cluster, browser, page, watched, picture });
  } catch (error) {
    await keepPicture(page, `failed-${Date.now()}`);
    console.log(`At ${page.url()}; troubles: ${watched.troubles().join("\n") || "none"}`);
    throw error;
  }
  assertEquals(watched.troubles(), []);
}

/** Keeps a picture of the page, if somebody wants to look at it. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("MUSTER_PICTURES");
  if (folder === undefined) return;
  await Deno.mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
