/**
 * The questions that the page asks: they begin where one would write, stay while text is selected in them, go when one
 * presses beside them, and what was refused after that is told all the same.
 * @module
 */
import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { untilTrue } from "./hands.ts";
import { browsing, onStage } from "./stage.ts";

Deno.test(
  "a question begins in its first field, stays while text is selected, and goes at a press beside it",
  browsing,
  async () => {
    await onStage({}, async ({ page, watched }) => {
      await watched.open("/ui/tokens");
      await page.getByRole("button", { name: "New token", exact: true }).click();
      const dialog = page.getByRole("dialog");
      await dialog.waitFor();
      await page.keyboard.type("ada");
      assertEquals(await dialog.getByRole("textbox").first().inputValue(), "ada");
      const box = await dialog.boundingBox();
      const field = await dialog.getByRole("textbox").first().boundingBox();
      await page.mouse.move(field!.x + field!.width - 4, field!.y + field!.height / 2);
      await page.mouse.down();
      await page.mouse.move(box!.x - 30, field!.y);
      await page.mouse.up();
      assertEquals(await dialog.count(), 1, "who lets go beside it has selected text");
      await page.mouse.move(box!.x - 30, box!.y);
      await page.mouse.down();
      await page.mouse.up();
      await dialog.waitFor({ state: "detached" });
    });
  },
);

Deno.test(
  "a file of specs can be taken twice, as it is each time, and one that is too large is refused",
  browsing,
  async () => {
    await onStage({}, async ({ page, watched }) => {
      await watched.open("/ui/plan");
      const take = (text: string) =>
        page.locator("input[type=file]").setInputFiles({
          name: "web.yaml",
          mimeType: "application/yaml",
          buffer: Buffer.from(text),
        });
      for (const replicas of [2, 3]) {
        const text = `name: web\ncommand: [payload]\nreplicas: ${replicas}\n`;
        await take(text);
        await untilTrue(page, `document.querySelector("textarea").value === ${JSON.stringify(text)}`);
      }
      await take(`# ${"x".repeat(1_048_576)}\n`);
      await page.locator(".toast", { hasText: "Cannot take web.yaml" }).waitFor();
      assertEquals((await page.getByRole("textbox").inputValue()).length < 100, true);
    });
  },
);
