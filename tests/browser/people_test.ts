/**
 * The login, and the page of tokens: what is secret is shown once, stays in no storage and leaves the page with it.
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "../../scripts/browser/playwright.ts";
import { startChromium } from "../../scripts/browser/chromium.ts";
import { openPage } from "../../scripts/browser/watched_page.ts";
import { startProgram } from "../../scripts/local_program.ts";
import { refreshDashboard } from "../../scripts/web.ts";
import { seriousFindings } from "./accessibility.ts";
import { press } from "./hands.ts";
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

Deno.test("where nodes have identities a host is invited by a join token that is shown once", browsing, async () => {
  await refreshDashboard();
  await using controller = await startProgram("controller", { args: ["--secure"], tls: true });
  const token = (await Deno.readTextFile(`${controller.data}/admin.token`)).trim();
  await using browser = await startChromium();
  // Its authority is its own.
  const options = { url: controller.url, expected: REFUSED, browser: { ignoreHTTPSErrors: true } as const };
  await using watched = await openPage(browser, options);
  const { page } = watched;
  await watched.open("/ui/tokens");
  await signIn(page, token);
  await press(page, "Invite a host", { confirm: "Invite", done: /invitation was made/ });
  const shown = page.locator(".secret");
  const invitation = await shown.locator("code").innerText();
  assertMatch(invitation, /^muster1\./);
  await shown.getByText("--join-token-file").waitFor();
  await shown.getByRole("button", { name: "I have put it away" }).click();
  assertEquals((await storedIn(page)).includes(invitation), false);
  // The session goes on by its cookie alone.
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Tokens" }).waitFor();
  assertEquals(watched.troubles(), []);
});
