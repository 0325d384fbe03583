/**
 * The dashboard by the keyboard alone: from the address to a service, through a question and back, with the focus always
 * somewhere that is seen.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "../../scripts/browser/playwright.ts";
import { browsing, onStage } from "./stage.ts";

const STEPS_MAX = 60;

/** What has the focus, in words; undefined when it is nothing, or can't be seen to have it. */
function focused(page: Page): Promise<string | undefined> {
  return page.evaluate<string | undefined>(`(() => {
    const at = document.activeElement;
    if (at === null || at === document.body) return undefined;
    const { width, height } = at.getBoundingClientRect();
    const { outlineStyle, boxShadow } = getComputedStyle(at);
    if (width === 0 || height === 0 || (outlineStyle === "none" && boxShadow === "none")) return undefined;
    return (at.getAttribute("aria-label") ?? at.innerText ?? "").trim() || at.tagName.toLowerCase();
  })()`);
}

/** Goes on with Tab until that has the focus. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  const passed: (string | undefined)[] = [];
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    if (at === wanted) return;
    passed.push(at);
  }
  throw new Error(`Tab never came to "${wanted}", but to: ${passed.join(" | ")}`);
}

Deno.test("the keyboard alone scales a service, and the focus is always seen", browsing, async () => {
  await onStage({}, async ({ cluster, page, watched }) => {
    await watched.open("/ui");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.keyboard.press("Tab");
    assertEquals(await focused(page), "Skip to the content");
    await page.keyboard.press("Enter");
    await tabTo(page, "payload");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "payload" }).waitFor();
    await tabTo(page, "Scale");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assertEquals(await focused(page), "Scale", "Escape gives the focus back");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("spinbutton").fill("2");
    await page.keyboard.press("Enter");
    await page.locator(".toast", { hasText: "2 replicas" }).waitFor();
    await cluster.ready(2);
  });
});

Deno.test("every control of every page is reached by Tab and shows that it has the focus", browsing, async () => {
  await onStage({}, async ({ cluster, page, watched }) => {
    await cluster.scale(1);
    const [replica] = await cluster.ready(1);
    for (
      const path of [
        "/ui",
        "/ui/services/payload",
        `/ui/replicas/${replica!.id}`,
        `/ui/nodes/${replica!.node}`,
        "/ui/events",
        "/ui/plan",
        "/ui/tokens",
      ]
    ) {
      await watched.open(path);
      await page.getByText("Live", { exact: true }).waitFor();
      const controls = await page.locator("main :is(button, a[href], input, select, textarea):visible").count();
      const reached = new Set<string>();
      const unseen: number[] = [];
      for (let steps = 0; steps < controls + STEPS_MAX; steps++) {
        await page.keyboard.press("Tab");
        const at = await page.evaluate<number>(`(() => {
          const all = [...document.querySelectorAll("main :is(button, a[href], input, select, textarea)")];
          return all.indexOf(document.activeElement);
        })()`);
        if (at < 0) continue;
        if (reached.has(String(at))) break;
        reached.add(String(at));
        if (await focused(page) === undefined && !await isFile(page)) unseen.push(at);
      }
      assert(reached.size >= controls, `${path}: ${reached.size} of ${controls} controls are reached`);
      assertEquals(unseen, [], `${path}: the focus is not seen`);
    }
  });
});

/** The field for files is seen by what is around it. */
function isFile(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.activeElement?.getAttribute("type") === "file"');
}
