/**
 * `deno run -A bench/dashboard_bench.ts`: how fast the dashboard is with a large cluster. A controller that only shows
 * tells it of 200 nodes and 5,000 replicas, then of changes without end; a browser opens pages, scrolls them, and says
 * how long each frame took.
 * @module
 */
import type { Page } from "../scripts/browser/playwright.ts";
import { startChromium } from "../scripts/browser/chromium.ts";
import { openPage } from "../scripts/browser/watched_page.ts";
import { refreshDashboard } from "../scripts/web.ts";
import { startFakeController } from "../tests/browser/fake_controller.ts";
import { changesAt, type Size, snapshotOf } from "../tests/browser/large_cluster.ts";

const OPENINGS = 5;
const FRAMES_MS = 5_000;
/** As often as the controller tells at most. */
const CHANGE_EVERY_MS = 100;
const CHANGED_AT_ONCE = 50;
const SMOOTH_MS = 17;

const SIZES: readonly Size[] = [
  { nodes: 20, services: 20, replicas: 1_000 },
  { nodes: 200, services: 100, replicas: 5_000 },
];

/** What is looked at, by the part of the page that shows that it is there. */
const PLACES = {
  overview: ["/ui", "main .bar"],
  "a service": ["/ui/services/service-1", "main tbody tr"],
  events: ["/ui/events", ".events li"],
} as const satisfies Record<string, readonly [path: string, shown: string]>;

interface Opened {
  /** From the request to the part of the page that matters being drawn. */
  shownMs: number;
  /** Until the browser had nothing to do for 50 ms. */
  idleMs: number;
}

if (import.meta.main) {
  await refreshDashboard();
  for (const size of SIZES) await measure(size);
}

async function measure(size: Size): Promise<void> {
  const snapshot = snapshotOf(size);
  await using fake = startFakeController({ snapshot });
  await using browser = await startChromium();
  console.log(`\n${size.nodes} nodes, ${size.services} services, ${size.replicas} replicas`);
  for (const [name, [path, shown]] of Object.entries(PLACES)) {
    const opened: Opened[] = [];
    for (let nth = 0; nth < OPENINGS; nth++) {
      // Of its own each time: nothing is in a cache.
      await using watched = await openPage(browser, { url: fake.url });
      await watched.open(path);
      opened.push(await opening(watched.page, shown));
    }
    const middle = (key: keyof Opened) => median(opened.map((one) => one[key])).toFixed(0).padStart(5);
    console.log(`${name.padEnd(12)} shown after ${middle("shownMs")} ms, interactive after ${middle("idleMs")} ms`);
  }
  await using watched = await openPage(browser, { url: fake.url });
  for (const [name, [path, shown]] of Object.entries(PLACES)) {
    await watched.open(path);
    await watched.page.locator(shown).first().waitFor();
    let nth = 0;
    const telling = setInterval(
      () => fake.tell(changesAt(nth++, snapshot, { count: CHANGED_AT_ONCE })),
      CHANGE_EVERY_MS,
    );
    const busy = await watchBusy(watched.page);
    const frames = await framesWhileScrolling(watched.page);
    const shares = await busy();
    clearInterval(telling);
    const late = frames.filter((ms) => ms > SMOOTH_MS).length;
    const [typical, worst] = [
      median(frames),
      frames.toSorted((a, b) => a - b).at(Math.floor(0.99 * frames.length)) ?? 0,
    ];
    console.log(
      `${name.padEnd(12)} scrolled under ${CHANGED_AT_ONCE * 1_000 / CHANGE_EVERY_MS} changes/s: frame ` +
        `${typical.toFixed(1)} ms, 99th percentile ${
          worst.toFixed(1)
        } ms, ${late} of ${frames.length} above ${SMOOTH_MS} ms; ${shares}`,
    );
  }
  for (const trouble of watched.troubles()) console.log(`trouble: ${trouble}`);
}

/** Asked of the page itself, whose clock begins with the request. */
async function opening(page: Page, shown: string): Promise<Opened> {
  await page.locator(shown).first().waitFor();
  return await page.evaluate<Opened>(`new Promise((resolve) => {
    const shownMs = Math.max(...performance.getEntriesByType("paint").map(({ startTime }) => startTime), performance.now());
    let last = performance.now();
    const look = () => {
      const now = performance.now();
      if (now - last < 20) return resolve({ shownMs, idleMs: now });
      last = now;
      setTimeout(look, 10);
    };
    setTimeout(look, 10);
  })`);
}

/** What the page's thread does with its time from now on, until it is asked. */
async function watchBusy(page: Page): Promise<() => Promise<string>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const read = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return new Map(metrics.map(({ name, value }) => [name, value]));
  };
  const before = await read();
  return async () => {
    const after = await read();
    await session.detach();
    const spent = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    const share = (name: string) => `${(100 * spent(name) / spent("Timestamp")).toFixed(0)} %`;
    return `busy ${share("TaskDuration")} (script ${share("ScriptDuration")}, style ${share("RecalcStyleDuration")}, ` +
      `layout ${share("LayoutDuration")})`;
  };
}

/** Milliseconds between frames. */
async function framesWhileScrolling(page: Page): Promise<number[]> {
  return await page.evaluate<number[]>(`new Promise((resolve) => {
    const frames = [];
    const beganMs = performance.now();
    let lastMs = beganMs;
    const frame = (nowMs) => {
      if (frames.length > 0 || nowMs > lastMs) frames.push(nowMs - lastMs);
      lastMs = nowMs;
      scrollBy(0, Math.sin(nowMs / 700) * 40);
      if (nowMs - beganMs < ${FRAMES_MS}) requestAnimationFrame(frame);
      else resolve(frames.slice(1));
    };
    requestAnimationFrame(frame);
  })`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
