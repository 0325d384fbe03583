/**
 * `deno task reference`: writes the pages of docs/reference anew, from what commands and programs say of themselves. A
 * test says when that was forgotten.
 * @module
 */
import { fileURLToPath } from "node:url";
import { GROUPS } from "../lib/console/cli/commands.ts";
import { cliPage } from "./reference/cli_page.ts";
import { configurationPage } from "./reference/configuration_page.ts";

const FOLDER = new URL("../docs/reference/", import.meta.url);

/** What each page is made by. */
export const PAGES: Readonly<Record<string, () => string>> = {
  "cli.md": () => cliPage(GROUPS),
  "configuration.md": configurationPage,
};

if (import.meta.main) {
  await Deno.mkdir(FOLDER, { recursive: true });
  for (const [name, page] of Object.entries(PAGES)) {
    await Deno.writeTextFile(new URL(name, FOLDER), await formatted(page()));
    console.log(`Written: docs/reference/${name}`);
  }
}

/** As `deno fmt` leaves it. */
export async function formatted(markdown: string): Promise<string> {
  const config = fileURLToPath(new URL("../deno.json", import.meta.url));
  const command = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "md", "--config", config, "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = command.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout } = await command.output();
  if (!success) throw new Error("Cannot format the page: deno fmt failed");
  return new TextDecoder().decode(stdout);
}
