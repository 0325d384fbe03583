/**
 * Every page of the dashboard, over a cluster that runs: it opens without any trouble, in light and dark, on a narrow
 * screen as on a wide one, and for people who can't see it.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { replicasIn } from "../support/cluster.ts";
import { seriousFindings } from "./accessibility.ts";
import { untilTrue } from "./hands.ts";
import { browsing, onStage, type Stage } from "./stage.ts";

const NARROW = { width: 360, height: 740 };

/** The pages, by what is seen when they are there. */
async function placesOf({ cluster }: Stage): Promise<[path: string, heading: RegExp][]> {
  const status = await cluster.status();
  const [replica] = replicasIn(status);
  return [
    ["/ui", /./],
    ["/ui/services/payload", /payload/],
    ["/ui/services/payload?tab=logs", /payload/],
    [`/ui/replicas/${replica!.id}`, /payload\.\d/],
    [`/ui/nodes/${replica!.node}`, /./],
    ["/ui/events", /events/i],
    ["/ui/plan", /plan/i],
    ["/ui/explain", /explain/i],
    ["/ui/explain/payload.0", /explain/i],
    ["/ui/tokens", /tokens/i],
    ["/ui/there/is/nothing", /no such page/i],
  ];
}

async function openedPlace({ page, watched }: Stage, path: string, heading: RegExp): Promise<void> {
  await watched.open(path);
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await untilTrue(page, "document.querySelector('.loading') === null");
}

Deno.test("every page opens without trouble, and axe finds nothing serious in light and dark", browsing, async () => {
  await onStage({}, async (stage) => {
    const { cluster, page, picture } = stage;
    await cluster.scale(3);
    await cluster.ready(3);
    const found: string[] = [];
    for (const [path, heading] of await placesOf(stage)) {
      await openedPlace(stage, path, heading);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const finding of await seriousFindings(page)) found.push(`${path} in ${colorScheme}: ${finding}`);
        await picture(`page${path.replaceAll(/[/?=]/g, "-").replace(/[0-9a-f-]{36}/, "-id")}-${colorScheme}`);
      }
      await page.emulateMedia({ colorScheme: "light" });
    }
    assertEquals(found, []);
  });
});

Deno.test("no page is wider than a telephone", browsing, async () => {
  await onStage({ browser: { viewport: NARROW } }, async (stage) => {
    const { cluster, page, picture } = stage;
    await cluster.scale(3);
    await cluster.ready(3);
    for (const [path, heading] of await placesOf(stage)) {
      await openedPlace(stage, path, heading);
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      await picture(`narrow${path.replaceAll(/[/?=]/g, "-").replace(/[0-9a-f-]{36}/, "-id")}`);
      assert(width <= NARROW.width, `${path} is ${width} px wide`);
    }
  });
});
