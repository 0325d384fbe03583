/**
 * `deno task pictures [<folder>]`: photographs the dashboard for the docs. A small cluster plays what a day brings: a shop
 * that is used, a release under way, a program that crashes, a service that fits nowhere. Writes docs/pictures/*.png, or
 * into the folder that is named.
 * @module
 */
import { delay } from "@std/async";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "./browser/playwright.ts";
import { startChromium } from "./browser/chromium.ts";
import { openPage } from "./browser/watched_page.ts";
import { Cluster } from "./demo/cluster.ts";

const FOLDER = fileURLToPath(new URL("../docs/pictures", import.meta.url));
const SIZE = { width: 1_280, height: 800 };
/** Sharp on the screens of today. */
const SCALE = 1.5;
/** The charts are to have something to show. */
const USED_FOR_MS = 45_000;
const NOTED_FOR_MS = 15_000;
const CRASHED_WITHIN_MS = 60_000;
const PAUSE_MS = 25;
const DRAWN_MS = 4_000;

const CHECKED = "health: { http: /readyz, interval: 200ms, start_period: 10s }";
const SPECS = `
name: shop
command: [payload, --greeting, Welcome]
replicas: 5
env: { LOG_LEVEL: info }
resources: { cpu: 0.2, memory: 1024 }
${CHECKED}
routes: [{ host: shop.example.org }]
update: { min_healthy: 1s }
---
name: search
command: [payload, --latency, 20ms]
replicas: 3
resources: { cpu: 0.3, memory: 2048 }
${CHECKED}
---
name: mailer
command: [payload, --crash-after, 9s]
replicas: 2
${CHECKED}
restart: { backoff: 60s, attempts: 100 }
---
name: reports
command: [payload]
replicas: 1
${CHECKED}
placement: { constraints: ["region == eu"] }
`;
const NEXT_SHOP = `name: shop
command: [payload, --greeting, Hello]
replicas: 6
env: { LOG_LEVEL: debug }
resources: { cpu: 0.2, memory: 1024 }
${CHECKED}
routes: [{ host: shop.example.org }]
update: { min_healthy: 20s }
`;

if (import.meta.main) {
  const folder = Deno.args[0] === undefined ? FOLDER : resolve(Deno.args[0]);
  await Deno.mkdir(folder, { recursive: true });
  await photograph(folder);
}

async function photograph(folder: string): Promise<void> {
  const data = await Deno.makeTempDir({ prefix: "muster-pictures-" });
  const ending = new AbortController();
  const cluster = new Cluster(data, { signal: ending.signal });
  try {
    await cluster.prepare();
    await play(cluster);
    const using = use(cluster.controller.url, ending.signal);
    await delay(USED_FOR_MS);
    await takeAll(cluster, folder);
    ending.abort();
    await using;
  } finally {
    await cluster.end();
    await Deno.remove(data, { recursive: true });
  }
}

async function play(cluster: Cluster): Promise<void> {
  await cluster.startController();
  for (const name of ["amsterdam", "bergen", "cork"]) {
    const agent = await cluster.startAgent(name);
    await cluster.post("/add-node", { url: agent.url });
  }
  await apply(cluster, SPECS);
  await cluster.post("/scale", { replicas: 3 });
  await cluster.until("what can run to run", async () => {
    const { services } = await cluster.status();
    return ["payload", "search", "shop"].every((name) => {
      const service = services.find((one) => one.name === name);
      return service !== undefined && service.ready === service.desired;
    });
  });
}

async function apply({ controller: { url } }: Cluster, specs: string): Promise<void> {
  const response = await fetch(`${url}/v1/apply`, { method: "POST", body: specs });
  const answer = await response.text();
  if (!response.ok) throw new Error(`Cannot apply the specs of the pictures: ${answer}`);
}

/** Somebody who asks the default service all the time. */
async function use(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const response = await fetch(url);
    await response.body?.cancel();
    await delay(PAUSE_MS);
  }
}

async function takeAll(cluster: Cluster, folder: string): Promise<void> {
  await using browser = await startChromium();
  const { url } = cluster.controller;
  const options = { url, browser: { viewport: SIZE, deviceScaleFactor: SCALE } };
  await using watched = await openPage(browser, options);
  const { page, open } = watched;
  const { services } = await cluster.status();
  const replica = services.find(({ name }) => name === "payload")?.replicas[0];
  const take = async (name: string, path: string, prepare?: (page: Page) => Promise<unknown>) => {
    await open(path);
    await page.getByText("Live", { exact: true }).waitFor();
    await prepare?.(page);
    // Charts and figures that are asked for come a moment later.
    await page.waitForTimeout(DRAWN_MS);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    console.log(join(folder, `${name}.png`));
  };
  const whenCrashed = (page: Page) => page.getByText(/^\d crashed$/).first().waitFor({ timeout: CRASHED_WITHIN_MS });
  await take("overview", "/ui", whenCrashed);
  await page.emulateMedia({ colorScheme: "dark" });
  await take("overview-dark", "/ui", whenCrashed);
  await page.emulateMedia({ colorScheme: "light" });
  await take("service", "/ui/services/payload");
  await take("replica", `/ui/replicas/${replica?.id}`);
  // A node's figures are noted while they are looked at.
  await take("node", `/ui/nodes/${replica?.node}`, (page) => page.waitForTimeout(NOTED_FOR_MS));
  await take("events", "/ui/events");
  await take("explain", "/ui/explain/reports.0");
  await take("plan", "/ui/plan", async (page) => {
    await page.getByRole("textbox").fill(NEXT_SHOP);
    await page.getByRole("button", { name: "Plan", exact: true }).click();
    await page.getByRole("button", { name: "Apply", exact: true }).scrollIntoViewIfNeeded();
  });
  await take("tokens", "/ui/tokens");
  await apply(cluster, NEXT_SHOP);
  await take("rollout", "/ui/services/shop", (page) => page.getByText(/[1-5] of 6 on generation 2/).waitFor());
  for (const trouble of watched.troubles()) console.log(`Trouble: ${trouble}`);
}
