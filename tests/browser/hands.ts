/**
 * What somebody does with the dashboard: presses a button, answers what it asks, and reads that it was done.
 * @module
 */
import { assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import type { Locator, Page } from "../../scripts/browser/playwright.ts";

export interface Pressing {
  /** The word of the button in the question; left out: it asks nothing. */
  confirm?: string | RegExp;
  /** Fills in what it asks for. */
  answer?: (dialog: Locator) => Promise<void>;
  /** What it says when it is done. */
  done: RegExp;
  /** Where the button is, if not anywhere on the page. */
  within?: Locator;
}

/** Presses a button that changes the cluster, and waits until the page says that it was done. */
export async function press(page: Page, button: string | RegExp, { confirm, answer, done, within }: Pressing) {
  const pressed = (within ?? page.getByRole("main")).getByRole("button", { name: button, exact: true });
  await pressed.click();
  if (confirm !== undefined) {
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await answer?.(dialog);
    await dialog.getByRole("button", { name: confirm, exact: true }).click();
    await dialog.waitFor({ state: "detached" });
  }
  const toast = page.locator(".toast", { hasText: done });
  await toast.waitFor();
  // Each says how the same is done in a terminal.
  assertEquals(await toast.locator("code").count(), 1);
  await toast.getByRole("button", { name: "Dismiss" }).click();
}

/** Waits until an expression is true in the page. Asked from here, as the page's own policy lets it evaluate nothing. */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  await until(() => page.evaluate<boolean>(expression), { what: `the page to be so: ${expression}` });
}
