/**
 * A page of a browser of its own kind, and all that goes wrong in it: errors on its console, exceptions that nobody
 * caught, what its content policy stopped, and every request to anywhere but the controller.
 * @module
 */
import type { Browser, ContextOptions, Page } from "./playwright.ts";

export interface WatchedPage extends AsyncDisposable {
  page: Page;
  /** What went wrong so far. */
  troubles: () => readonly string[];
  /** Opens a place of the dashboard: `/ui/events`. */
  open: (path: string) => Promise<void>;
}

export interface WatchedPageOptions {
  /** The controller: `http://127.0.0.1:43511`. */
  url: string;
  /** What is no trouble here, as it is brought about. */
  expected?: RegExp;
  browser?: ContextOptions;
}

const WIDE = { width: 1_280, height: 860 };
const WAIT_MS = 15_000;

export async function openPage(
  browser: Browser,
  { url, expected = /^$/, browser: options = {} }: WatchedPageOptions,
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: WIDE, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const troubles: string[] = [];
  const note = (trouble: string) => {
    if (!expected.test(trouble)) troubles.push(trouble);
  };
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => note(`exception: ${error.stack ?? error.message}`));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.origin !== new URL(url).origin && asked.protocol !== "data:") note(`request to ${asked.origin}`);
  });
  page.on("dialog", (dialog) => {
    note(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  return {
    page,
    troubles: () => troubles,
    open: async (path) => void await page.goto(new URL(path, url).href, { waitUntil: "load" }),
    [Symbol.asyncDispose]: () => context.close(),
  };
}
