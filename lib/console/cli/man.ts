/**
 * `controller man`: the manual in the form that `man` reads, made of what the commands say of themselves. To standard
 * output a single page; to a folder one for each command, as packagers want them.
 * @module
 */
import { join } from "node:path";
import { text } from "../../runtime/flag.ts";
import { type Command, localCommand } from "./command.ts";
import type { CommandGroup } from "./commands.ts";
import { NotFoundError, UsageError } from "./exit_code.ts";
import { commandManual, overviewManual, pageName } from "./manual.ts";

/** The command; all commands are asked for only when it is called, as it is one of them. */
export function manOf(groups: () => readonly CommandGroup[]): Command {
  return localCommand({
    name: "man",
    summary: "the manual pages, to a folder or standard output",
    words: [{ name: "command", kind: "command", optional: true, many: true }],
    flags: { out: text({ help: "Folder to write a page for each command to", placeholder: "<folder>" }) },
    examples: [
      { line: "controller man scale | man -l -", does: "read one" },
      { line: "controller man --out ~/.local/share/man/man1", does: "so that man controller-scale finds it" },
    ],
    act: async ({ words, flags: { out: folder }, out, note }) => {
      const commands = groups().flatMap(({ commands }) => commands);
      if (folder === undefined) {
        return await out.write(words.length === 0 ? overviewManual(groups()) : commandManual(called(words, commands)));
      }
      const pages = commands.map((command) => ({ name: pageName(command), text: commandManual(command) }));
      await writeAll(folder, [{ name: "controller.1", text: overviewManual(groups()) }, ...pages]);
      await note(`${pages.length + 1} pages in ${folder}`);
    },
  });
}

function called(words: readonly string[], commands: readonly Command[]): Command {
  const found = commands.find(({ name }) => name === words.join(" "));
  if (found === undefined) {
    throw new NotFoundError(`There is no command "${words.join(" ")}": "controller help" lists all`);
  }
  return found;
}

async function writeAll(folder: string, pages: readonly { name: string; text: string }[]): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const { name, text } of pages) await Deno.writeTextFile(join(folder, name), text);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot write the manual to ${folder}: ${error.message}`, { cause: error });
  }
}
