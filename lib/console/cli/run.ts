/**
 * The command line in the controller's binary: finds a command by its name, calls it, and turns its end into an exit
 * code. `controller.ts` hands over whatever isn't `serve`.
 * @module
 */
import { pageColumns } from "../../runtime/terminal/help_text.ts";
import { nearest } from "../../runtime/nearest.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { GAP, twoColumns } from "../../runtime/terminal/two_columns.ts";
import type { Command, Io } from "./command.ts";
import { COMMANDS, GROUPS } from "./commands.ts";
import { endingOf, EXIT } from "./exit_code.ts";
import type { Screen } from "./screen.ts";

/** What the scripts of `completion` call; no person does. */
const COMPLETE = "__complete";

/** Runs the command of that name; gives the code to exit with. */
export async function runCommand(name: string, args: readonly string[], io: Io): Promise<number> {
  try {
    return await perform(name, args, io);
  } catch (error) {
    return await endingOf(error, { signal: io.signal, errors: io.errors });
  }
}

async function perform(name: string, args: readonly string[], io: Io): Promise<number> {
  if (name === "help") return await help(args, io);
  if (name === COMPLETE) {
    const { complete } = await import("./completing/complete.ts");
    return await complete(args, COMMANDS, io);
  }
  const found = find(name, args);
  return found === undefined ? await unknown([name, ...args], io) : await found.command.run(found.args, io);
}

/** The command and what is left of the line: a command of a group has a name of two words. */
function find(name: string, args: readonly string[]): { command: Command; args: readonly string[] } | undefined {
  const [second, ...rest] = args;
  const inGroup = COMMANDS.find((command) => command.name === `${name} ${second}`);
  if (inGroup !== undefined) return { command: inGroup, args: rest };
  const command = COMMANDS.find((command) => command.name === name);
  return command && { command, args };
}

/** A line per command, for the help of the program. */
function commandList(commands: readonly Command[], { width }: Screen): string {
  const rows = commands.map(({ name, summary }) => ({ left: `  ${name}`, right: summary }));
  const left = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2 * GAP;
  return twoColumns(rows, { left, columns: pageColumns(width) });
}

const OWN_HELP = '"controller --help" lists the flags of the controller itself.\n';

/** `help`: all commands, by what one wants; `help <command>`: that one's page. */
async function help([name, ...rest]: readonly string[], io: Io): Promise<number> {
  if (name === "serve") {
    await io.out.write(OWN_HELP);
    return EXIT.fine;
  }
  if (name !== undefined && !name.startsWith("-")) return await perform(name, [...rest, "--help"], io);
  const groups = GROUPS.map(({ title, commands }) => `${title}:\n${commandList(commands, io.out)}\n`).join("");
  await io.out.write(
    `Usage: controller [serve] [flags]\n       controller <command> [flags]\n\n${groups}` +
      `"controller help <command>" says more of one.\n${OWN_HELP}`,
  );
  return EXIT.fine;
}

async function unknown([name = "", second]: readonly string[], io: Io): Promise<number> {
  const group = COMMANDS.filter((command) => command.name.startsWith(`${name} `));
  if (group.length > 0) return await unknownInGroup([name, second], { group, io });
  const firstWords = COMMANDS.map((command) => command.name.split(" ", 1)[0] ?? "");
  const close = nearest(name, ["serve", "help", ...COMMANDS.map((command) => command.name), ...firstWords]);
  await io.errors.write(`${unknownWord(name, close)}\n"controller help" lists all commands.\n`);
  return EXIT.usage;
}

/** `token`, `token creat`, `token --help`: what there is in the group. */
async function unknownInGroup(
  [name, word]: readonly [string, string | undefined],
  { group, io }: { group: readonly Command[]; io: Io },
): Promise<number> {
  const asksForHelp = word === "--help" || word === "-h";
  const screen = asksForHelp ? io.out : io.errors;
  const said = asksForHelp ? "" : `${slipInGroup(name, word, group)}\n\n`;
  await screen.write(`${said}Commands:\n${commandList(group, screen)}`);
  return asksForHelp ? EXIT.fine : EXIT.usage;
}

function slipInGroup(name: string, word: string | undefined, group: readonly Command[]): string {
  if (word === undefined || word.startsWith("-")) return `Cannot tell what to do: "${name}" is a group of commands`;
  const own = nearest(word, group.map((command) => command.name.slice(name.length + 1)));
  return unknownWord(`${name} ${word}`, own && `${name} ${own}`);
}

function unknownWord(words: string, close: string | undefined): string {
  return `Unknown command "${printableLine(words)}"${close === undefined ? "" : `: did you mean ${close}?`}`;
}
