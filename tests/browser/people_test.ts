/**
 * The login, and the page of tokens: what is secret is shown once, stays in no storage and leaves the page with it.
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "../../scripts/browser/playwright.ts";
import { startChromium } from "../../scripts/browser/chromium.ts";
import { openPage } from "../../scripts/browser/watched_page.ts";
import { refreshDashboard } from "../../scripts/web.ts";
import { seriousFindings } from "./accessibility.ts";
import { startFakeController } from "./fake_controller.ts";
import { press } from "./hands.ts";
import { snapshotOf } from "./large_cluster.ts";
import { browsing, onStage, type StageOptions } from "./stage.ts";

const TOKEN = "correct-horse-battery-staple-0123456789";
const REFUSED = /status of 40[013] /;

/** A controller that asks for a token. */
async function guarded(folder: string): Promise<StageOptions> {
  const file = `${folder}/token`;
  await Deno.writeTextFile(file, `${TOKEN}\n`, { mode: 0o600 });
  return { cluster: { agents: 0, token: TOKEN, controller: { args: ["--token-file", file] } }, expected: REFUSED };
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "muster-browser-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** All that a script of the page could find. */
function storedIn(page: Page): Promise<string> {
  return page.evaluate<string>(
    "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, document.body.innerText])",
  );
}

Deno.test(
  "one signs in with a token, makes one for somebody else that is shown once, and signs out",
  browsing,
  async (test) => {
    await withFolder(async (folder) =>
      await onStage(await guarded(folder), async ({ page, watched, picture }) => {
        await watched.open("/ui/tokens");
        await test.step("a wrong token is refused in words", async () => {
          assertEquals(await seriousFindings(page), []);
          await signIn(page, "no such token");
          await page.getByRole("alert").filter({ hasText: "no spaces" }).waitFor();
          await signIn(page, "wrong");
          await page.getByRole("alert").filter({ hasText: "does not count here" }).waitFor();
          await picture("login");
        });
        await test.step("the right one leads to where one wanted to be", async () => {
          await signIn(page, TOKEN);
          await page.getByRole("heading", { level: 1, name: "Tokens" }).waitFor();
          assertEquals((await storedIn(page)).includes(TOKEN), false);
        });
        await test.step("a new token is shown once", async () => {
          await press(page, "New token", {
            confirm: "Make it",
            done: /was made/,
            answer: async (dialog) => {
              await dialog.getByRole("textbox", { name: /^Name / }).fill("ada");
              await dialog.getByRole("combobox").selectOption("viewer");
              await dialog.getByRole("textbox", { name: /^Services / }).fill("web-*");
              assertMatch(await dialog.innerText(), /--name ada --role viewer --service 'web-\*'/);
            },
          });
          const shown = page.locator(".secret");
          const made = await shown.locator("code").innerText();
          await picture("token");
          await shown.getByRole("button", { name: "I have put it away" }).click();
          assertEquals((await storedIn(page)).includes(made), false);
          await page.getByRole("row", { name: /ada.*viewer.*web-\*/ }).waitFor();
        });
        await test.step("it is removed", async () => {
          const row = page.getByRole("row", { name: /ada/ });
          await press(page, "Remove", { within: row, confirm: "Remove", done: /counts no more/ });
          await row.waitFor({ state: "detached" });
        });
        await test.step("one signs out", async () => {
          await page.getByRole("button", { name: "Sign out" }).click();
          await page.getByRole("heading", { name: "Sign in to Muster" }).waitFor();
          await watched.open("/ui");
          await page.getByRole("heading", { name: "Sign in to Muster" }).waitFor();
        });
      })
    );
  },
);

Deno.test("a host is invited by a join token that is shown once", browsing, async () => {
  await refreshDashboard();
  const token = "muster1.digest.id.secret";
  const expires_at = new Date(Date.now() + 900_000).toISOString();
  await using fake = startFakeController({
    snapshot: snapshotOf({ nodes: 1, services: 1, replicas: 1 }),
    answers: {
      "/v1/tokens": () => Response.json({ items: [], next_cursor: null }),
      "/v1/join-tokens": () => Response.json({ id: "1", role: "node", labels: {}, expires_at, token }, { status: 201 }),
    },
  });
  await using browser = await startChromium();
  await using watched = await openPage(browser, { url: fake.url });
  const { page } = watched;
  await watched.open("/ui/tokens");
  await press(page, "Invite a host", { confirm: "Invite", done: /invitation was made/ });
  const shown = page.locator(".secret");
  await shown.getByText(token).waitFor();
  await shown.getByText("--join-token-file").waitFor();
  await shown.getByRole("button", { name: "I have put it away" }).click();
  assertEquals((await storedIn(page)).includes(token), false);
  assertEquals(watched.troubles(), []);
});
