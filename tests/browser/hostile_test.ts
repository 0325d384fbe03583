/**
 * Names, reasons, log lines and errors as somebody would write them who wants something else of the page than to be read:
 * they are text, they end where they end, and nothing of them is run or fetched.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "../../scripts/browser/playwright.ts";
import { startChromium } from "../../scripts/browser/chromium.ts";
import { openPage } from "../../scripts/browser/watched_page.ts";
import { refreshDashboard } from "../../scripts/web.ts";
import { problem } from "../../lib/wire/problem.ts";
import { type FakeController, startFakeController } from "./fake_controller.ts";
import { eventAt, nodeAt, replicaAt, serviceAt, type Snapshot, snapshotOf } from "./large_cluster.ts";
import { browsing } from "./stage.ts";

const HTML = `<img src=x onerror="alert(1)"><script>alert(2)</script><a href="javascript:alert(3)">web</a>&lt;b&gt;`;
const SEQUENCES = "\x1b]0;title\x07\x1b[31mred\x1b[2J\x1b[1;1H\x9b31m\r\n\t\0";
const TURNED = "\u202Egnp.exe\u2066\u200F\u2028 עברית";
const LONG = `${"<b>long</b>".repeat(930)}`;
const HOSTILE = `${HTML}${SEQUENCES}${TURNED}`;
const PERCENT = "50% ../../../etc?x=1#y";

const NARROW = { width: 360, height: 740 };

function hostileCluster(): Snapshot {
  const base = snapshotOf({ nodes: 2, services: 1, replicas: 2 });
  const names = [HOSTILE, LONG, PERCENT];
  const services = names.map((name, at) => ({ ...serviceAt(at, { name, desired: 2 }), waiting: [HOSTILE, LONG] }));
  const nodes = names.map((name, at) => ({
    ...nodeAt(at, { name, replicas: 2 }),
    labels: { zone: HOSTILE, note: LONG.slice(0, 255) },
    url: `http://10.0.0.1:9090/${HTML}`,
    version: HTML,
  }));
  const replicas = names.map((name, at) => ({
    ...replicaAt(at, { service: name, slot: 0, nodes: 2 }),
    node_name: name,
    reason: HOSTILE + LONG,
    phase: "exited" as const,
    ready: false,
    crashes: 3,
    exit: { code: 1, signal: null, at: new Date().toISOString() },
  }));
  const events = replicas.map((replica, at) => ({ ...eventAt(at + 1, replica), text: HOSTILE + LONG, kind: HTML }));
  const cluster = { ...base.cluster, leader: HOSTILE, version: LONG.slice(0, 200), held_up: HOSTILE };
  return { ...base, cluster, services, nodes, replicas, events };
}

function startHostile(snapshot: Snapshot): FakeController {
  const [replica] = snapshot.replicas;
  const lines = [HOSTILE, LONG, "\x1b[8mhidden\x1b[0m"].map((line) =>
    `${
      JSON.stringify({
        time: new Date().toISOString(),
        stream: "err",
        replica: replica!.id,
        line,
        name: HOSTILE,
        slot: 0,
      })
    }\n`
  ).join("");
  const log = () => new Response(lines, { headers: { "content-type": "application/x-ndjson" } });
  const explained = () =>
    Response.json({
      kind: "service",
      name: HOSTILE,
      summary: HOSTILE,
      because: [HTML, LONG],
      nodes: [{ node: HOSTILE, reason: LONG }],
      waits: [TURNED],
      events: snapshot.events,
    });
  const refusal = () => problem({ type: "x", title: HTML, status: 409, detail: HOSTILE + LONG });
  return startFakeController({
    snapshot,
    answers: {
      [`/v1/services/${HOSTILE}/logs`]: log,
      [`/v1/replicas/${replica!.id}/logs`]: log,
      [`/v1/explain/${HOSTILE}`]: explained,
      [`/v1/replicas/${replica!.id}/restart`]: refusal,
      "/v1/plan": refusal,
      "/v1/tokens": () => Response.json({ items: [], next_cursor: null }),
    },
  });
}

Deno.test(
  "hostile names, reasons, log lines and errors are text on every page, on wide and narrow screens",
  browsing,
  async () => {
    await refreshDashboard();
    const snapshot = hostileCluster();
    await using fake = startHostile(snapshot);
    await using browser = await startChromium();
    for (const viewport of [{ width: 1_280, height: 860 }, NARROW]) {
      const expected = /Failed to load resource: the server responded with a status of 4/;
      await using watched = await openPage(browser, { url: fake.url, expected, browser: { viewport } });
      const { page } = watched;
      const service = `/ui/services/${encodeURIComponent(HOSTILE)}`;
      const places = [
        "/ui",
        service,
        `${service}?tab=logs`,
        `/ui/services/${encodeURIComponent(PERCENT)}`,
        `/ui/replicas/${snapshot.replicas[0]!.id}`,
        `/ui/nodes/${snapshot.nodes[0]!.id}`,
        "/ui/events",
        `/ui/events?text=${encodeURIComponent(HTML)}&service=${encodeURIComponent(HTML)}`,
        `/ui/explain/${encodeURIComponent(HOSTILE)}`,
        `/ui/explain/${encodeURIComponent(LONG.slice(0, 2_000))}`,
        `/ui/%3Cscript%3Ealert(1)%3C/script%3E`,
      ];
      for (const path of places) {
        await watched.open(path);
        await page.getByText("Live", { exact: true }).waitFor();
        await page.getByRole("heading", { level: 1 }).waitFor();
        assertEquals(await page.locator("main img, main script, main b, a[href^=javascript]").count(), 0, path);
        assertEquals(await withControls(page), [], path);
        const width = await page.evaluate<number>("document.documentElement.scrollWidth");
        assert(width <= viewport.width, `${path} is ${width} px wide of ${viewport.width}`);
      }
      assertEquals(watched.troubles(), []);
    }
  },
);

/** The texts of the page that control a terminal or the direction of writing. */
async function withControls(page: Page): Promise<string[]> {
  const texts = await page.evaluate<string[]>(`(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode.parentElement.outerHTML.slice(0, 80) + walker.currentNode.data);
    return texts;
  })()`);
  // deno-lint-ignore no-control-regex -- control characters are what this is about
  return texts.filter((text) => /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/.test(text))
    .map((text) => text.slice(0, 160));
}

Deno.test("an error that the controller gives is shown as text, where it was asked for", browsing, async () => {
  await refreshDashboard();
  const snapshot = hostileCluster();
  await using fake = startHostile(snapshot);
  await using browser = await startChromium();
  await using watched = await openPage(browser, { url: fake.url, expected: /status of 4/ });
  const { page } = watched;
  await watched.open("/ui/plan");
  await page.getByRole("textbox").fill(HTML);
  await page.getByRole("button", { name: "Plan", exact: true }).click();
  await page.getByRole("alert").getByText("<script>alert(2)</script>").waitFor();
  await watched.open(`/ui/replicas/${snapshot.replicas[0]!.id}`);
  await page.getByRole("main").getByRole("button", { name: "Restart", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restart", exact: true }).click();
  await page.getByRole("dialog").getByRole("alert").getByText("<script>alert(2)</script>").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assertEquals(watched.troubles(), []);
});
