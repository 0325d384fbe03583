/**
 * The pages that answer a question: what happened, looked for in several ways and further back than the page keeps, and
 * why something is as it is.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { startChromium } from "../../scripts/browser/chromium.ts";
import { openPage } from "../../scripts/browser/watched_page.ts";
import { refreshDashboard } from "../../scripts/web.ts";
import type { EventList } from "../../lib/wire/api.ts";
import { History } from "../../lib/controller/history.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { startFakeController } from "./fake_controller.ts";
import { snapshotOf } from "./large_cluster.ts";
import { untilTrue } from "./hands.ts";
import { browsing, onStage } from "./stage.ts";

const KEPT = 1_300;

Deno.test(
  "events are found by words, service, node and severity, and what is asked for stands in the address",
  browsing,
  async () => {
    await onStage({}, async ({ cluster, page, watched, picture }) => {
      await cluster.scale(2);
      await cluster.ready(2);
      await watched.open("/ui/events");
      const shown = page.locator(".events li");
      await page.getByText("payload is scaled from 0 to 2").waitFor();
      const all = await shown.count();
      await page.getByRole("searchbox", { name: "Text" }).fill("SCALED");
      await page.getByText("1 event found").waitFor();
      assertEquals(new URL(page.url()).search, "?text=SCALED");
      await page.getByLabel("Service").selectOption("payload");
      await page.getByRole("searchbox", { name: "Text" }).fill("");
      await untilTrue(page, "location.search === '?service=payload'");
      assert(await shown.count() < all);
      await page.reload();
      await page.getByText("payload is scaled from 0 to 2").waitFor();
      assertEquals(await page.getByLabel("Service").inputValue(), "payload");
      await page.getByText("controller events -f --service payload").waitFor();
      await page.getByLabel("Severity").selectOption("warn");
      await page.getByText("No event is like that").waitFor();
      await picture("events-filtered");
      await page.getByRole("button", { name: "Show all" }).click();
      await page.getByText("payload is scaled from 0 to 2").waitFor();
      await cluster.scale(1);
      await page.getByText("payload is scaled from 2 to 1").waitFor();
    });
  },
);

Deno.test("older events are fetched as one goes back, until there are none", browsing, async () => {
  await refreshDashboard();
  const history = new History({ clock: systemClock, epoch: 1 });
  for (let nth = 1; nth <= KEPT; nth++) history.add({ kind: "ready", severity: "info", text: `thing ${nth} happened` });
  const { events } = history.since(undefined, { limit: 50 });
  await using fake = startFakeController({
    snapshot: { ...snapshotOf({ nodes: 1, services: 1, replicas: 1 }), events },
    answers: {
      "/v1/events": ({ searchParams }) => {
        const list = history.since(Number(searchParams.get("after")), { limit: Number(searchParams.get("limit")) });
        return Response.json(list satisfies EventList);
      },
    },
  });
  await using browser = await startChromium();
  await using watched = await openPage(browser, { url: fake.url });
  const { page } = watched;
  await watched.open("/ui/events");
  const older = page.getByRole("button", { name: "Older events" });
  await page.getByText(`thing ${KEPT} happened`, { exact: true }).waitFor();
  assertEquals(await page.locator(".events li").count(), 50);
  while (await page.getByText("No older events are kept.").count() === 0) {
    const before = await page.locator(".events li").count();
    await older.click();
    await untilTrue(
      page,
      `document.querySelectorAll(".events li").length > ${before} || document.body.innerText.includes("No older events")`,
    );
  }
  const texts = await page.locator(".events li .prose").allInnerTexts();
  assertEquals(texts, Array.from({ length: KEPT }, (_, at) => `thing ${KEPT - at} happened`));
  assertEquals(watched.troubles(), []);
});

Deno.test(
  "it is explained node by node why a replica is not placed, and that goes on as things change",
  browsing,
  async () => {
    await onStage({ expected: /status of 404 .*explain/ }, async ({ cluster, page, watched, picture }) => {
      await cluster.putService("reports", { command: ["payload"], placement: { constraints: ["region == eu"] } });
      await watched.open("/ui");
      await page.getByRole("link", { name: "Explain" }).click();
      await page.getByRole("combobox", { name: "Name" }).fill("reports.0");
      await page.getByRole("button", { name: "Explain" }).click();
      await page.getByRole("table", { name: "Why it is not on a node" }).waitFor();
      assertEquals(await page.getByRole("row").count(), 3, "a head and two nodes");
      await page.getByText("wanted region == eu").first().waitFor();
      await picture("explained");
      const { nodes: [node] } = await cluster.status();
      const url = `${cluster.controller.url}/v1/nodes/${node!.id}`;
      const patched = await fetch(url, { method: "PATCH", body: JSON.stringify({ labels: { region: "eu" } }) });
      assertEquals(patched.status, 202, await patched.text());
      await page.getByText("Placed on").waitFor();
      await page.getByRole("combobox", { name: "Name" }).fill("nothing");
      await page.getByRole("button", { name: "Explain" }).click();
      await page.getByRole("alert").waitFor();
    });
  },
);
