/**
 * The way of somebody new, from the README on: the demo stays, a folder of their own is deployed, seen in the dashboard,
 * broken, understood, and taken back. With MUSTER_BINARIES it is walked with the binaries.
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { startChromium } from "../../scripts/browser/chromium.ts";
import { openPage } from "../../scripts/browser/watched_page.ts";
import { commandLine } from "../../scripts/local_program.ts";
import { connect } from "../../lib/wire/client/client.ts";
import { startDemo } from "../support/demo.ts";
import { browsing } from "./stage.ts";

/** A shop that answers with its version. */
const shop = (version: number) => `
import http.server, os
class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"shop ${version}")
http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Shop).serve_forever()
`;

Deno.test("a new user deploys a folder, sees it, breaks it, sees why, and takes it back", browsing, async (test) => {
  await using demo = await startDemo({ args: ["--stay"] });
  await demo.shown("The dashboard is at");
  const [, url = ""] = /The dashboard is at (\S+)\/ui/.exec(demo.text()) ?? [];
  const client = connect({ server: url });
  const signal = AbortSignal.timeout(120_000);
  const folder = await Deno.makeTempDir({ prefix: "muster-new-user-" });
  await Deno.mkdir(join(folder, "shop"));
  const write = (text: string) => Deno.writeTextFile(join(folder, "shop", "main.py"), text);
  const type = (...words: string[]) => typed(words, { url, folder });
  const runs = async () => (await client.getService({ name: "shop" }, { signal })).spec.artifact?.sha256;
  await using browser = await startChromium();
  await using watched = await openPage(browser, { url });
  const { page } = watched;

  await test.step("deploy", async () => {
    await write(shop(1));
    const { code, said, out } = await type("deploy", "./shop", "--replicas", "2", "--health", "tcp", "--yes");
    assertEquals(code, 0, said);
    assertMatch(said, /main\.py: python3 main\.py/);
    assertMatch(out, /start +shop\.0 .*0 of 2 placed/);
    assertMatch(said, /✓ shop +generation 1 runs: 2 of 2 ready/);
  });
  const first = await runs();

  await test.step("see it in the dashboard", async () => {
    await watched.open("/ui");
    await page.getByRole("table", { name: "Services" }).getByRole("link", { name: "shop" }).click();
    await page.getByRole("heading", { name: "shop", exact: true }).waitFor();
    await page.getByText("2 of 2 ready").waitFor();
  });

  await test.step("break it: it goes back by itself, and the last words are on the screen", async () => {
    await write("nonsense(");
    const { code, said } = await type("deploy", "./shop", "--yes");
    assertEquals(code, 1, said);
    assertMatch(said, /✗ shop: generation 2 failed: .*rolled back to generation 1/);
    assertMatch(said, /SyntaxError/);
    assertEquals(await runs(), first);
  });

  await test.step("see why, in the page and in the terminal", async () => {
    await page.getByRole("link", { name: "Generations" }).click();
    await page.getByText("failed", { exact: true }).first().waitFor();
    assertMatch((await type("explain", "shop")).out, /rolled back: generation 2 failed: shop\.\d crashed 3 times/);
    assertMatch((await type("history", "shop")).out, /2 .* failed/);
  });

  await test.step("a good version, and back by hand", async () => {
    await write(shop(2));
    const { code, said } = await type("deploy", "./shop", "--yes");
    assertEquals(code, 0, said);
    assertEquals(await runs() === first, false);
    const back = await type("rollback", "shop", "--yes");
    assertEquals(back.code, 0, back.said);
    assertEquals(await runs(), first);
  });

  assertEquals(watched.troubles(), []);
  await Deno.remove(folder, { recursive: true });
  demo.process.kill("SIGINT");
  assertEquals(await demo.ended(), 0, demo.text());
});

/** A line in a terminal, to its end. */
async function typed(words: readonly string[], { url, folder }: { url: string; folder: string }) {
  const [program = "", ...beginning] = commandLine("controller");
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...beginning, ...words, "--server", url],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  return { code, out: new TextDecoder().decode(stdout), said: new TextDecoder().decode(stderr) };
}
