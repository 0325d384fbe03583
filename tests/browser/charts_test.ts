/**
 * The charts, which uPlot draws of what is left of it: lines are seen, times stand below them, and who points at one reads
 * what it was then.
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { startChromium } from "../../scripts/browser/chromium.ts";
import { openPage } from "../../scripts/browser/watched_page.ts";
import { refreshDashboard } from "../../scripts/web.ts";
import type { TrafficView } from "../../lib/wire/usage.ts";
import { startFakeController } from "./fake_controller.ts";
import { untilTrue } from "./hands.ts";
import { snapshotOf } from "./large_cluster.ts";
import { browsing, keepPicture } from "./stage.ts";

const INTERVAL_S = 5;
const POINTS = 120;

/** Twenty requests a second and more, of which none failed. */
function traffic(): TrafficView {
  const from = Date.now() - POINTS * INTERVAL_S * 1_000;
  const points = Array.from({ length: POINTS }, (_, nth) => ({
    at: new Date(from + nth * INTERVAL_S * 1_000).toISOString(),
    requests: 100 + nth,
    errors: 0,
    p50_s: 0.004,
    p99_s: nth % 10 === 0 ? null : 0.02,
  }));
  return { service: "service-1", interval_s: INTERVAL_S, points };
}

Deno.test("charts draw their lines, and who points at one reads the values of that time", browsing, async () => {
  await refreshDashboard();
  await using fake = startFakeController({
    snapshot: snapshotOf({ nodes: 1, services: 1, replicas: 2 }),
    answers: { "/v1/services/service-1/traffic": () => Response.json(traffic()) },
  });
  await using browser = await startChromium();
  await using watched = await openPage(browser, { url: fake.url });
  const { page } = watched;
  await watched.open("/ui/services/service-1");
  await untilTrue(page, 'document.querySelectorAll(".plot canvas").length === 3');
  const chart = page.locator(".chart").first();
  assertMatch(await chart.locator("strong").innerText(), /^4\d$/, "the last value");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await untilTrue(page, `[...document.querySelectorAll(".plot canvas")].every((canvas) => (${inked})(canvas) > 300)`);
    await keepPicture(page, `charts-${colorScheme}`);
  }
  await chart.locator(".u-over").hover();
  await untilTrue(page, String.raw`/^\d\d:\d\d:\d\d +\d+$/.test(document.querySelector(".chart strong").innerText)`);
  await keepPicture(page, "charts-pointed");
  assertEquals(await page.locator(".chart-key").allInnerTexts(), ["p50\np99"]);
  assertEquals(watched.troubles(), []);
});

/** How many dots of a canvas have been drawn on. They are read of a copy: who reads a chart's own is warned by the browser. */
const inked = `(canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, at) => at % 4 === 3 && value > 0).length;
}`;
