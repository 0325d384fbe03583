/**
 * The command line in the controller's binary: finds a command by its name, calls it, and turns its end into an exit
 * code. `controller.ts` hands over whatever isn't `serve`.
 * @module
 */
import { nearest } from "../../runtime/nearest.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import type { Command, Io } from "./command.ts";
import { COMMANDS, GROUPS } from "./commands.ts";
import { endingOf, EXIT } from "./exit_code.ts";

/** What the scripts of `completion` call; no person does. */
const COMPLETE = "__complete";

/** Runs the command of that name; gives the code to exit with. */
export async function runCommand(name: string, args: readonly string[], io: Io): Promise<number> {
  if (name === "help") return await help(args, io);
  if (name === COMPLETE) {
    const { complete } = await import("./completing/complete.ts");
    return await complete(args, COMMANDS, io);
  }
  const found = find(name, args);
  if (found === undefined) return await unknown([name, ...args], io);
  try {
    return await found.command.run(found.args, io);
  } catch (error) {
    return await endingOf(error, { signal: io.signal, errors: io.errors });
  }
}

/** The command and what is left of the line: a command of a group has a name of two words. */
function find(name: string, args: readonly string[]): { command: Command; args: readonly string[] } | undefined {
  const [second, ...rest] = args;
  const inGroup = COMMANDS.find((command) => command.name === `${name} ${second}`);
  if (inGroup !== undefined) return { command: inGroup, args: rest };
  const command = COMMANDS.find((command) => command.name === name);
  return command && { command, args };
}

/** One line per command, for the help of the program. */
function commandList(commands: readonly Command[]): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2;
  return commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}\n`).join("");
}

/** `help`: all commands, by what one wants; `help <command>`: that one's page. */
async function help([name, ...rest]: readonly string[], io: Io): Promise<number> {
  if (name !== undefined && !name.startsWith("-")) return await runCommand(name, [...rest, "--help"], io);
  const groups = GROUPS.map(({ title, commands }) => `${title}:\n${commandList(commands)}\n`).join("");
  await io.out.write(
    `Usage: controller [serve] [flags]\n       controller <command> [flags]\n\n${groups}` +
      `"controller help <command>" says more of one.\n"controller --help" lists the flags of the controller itself.\n`,
  );
  return EXIT.fine;
}

async function unknown([name = "", second]: readonly string[], io: Io): Promise<number> {
  const group = COMMANDS.filter((command) => command.name.startsWith(`${name} `));
  if (group.length > 0) return await unknownInGroup(second, { group, io });
  const firstWords = COMMANDS.map((command) => command.name.split(" ", 1)[0] ?? "");
  const close = nearest(name, ["serve", "help", ...COMMANDS.map((command) => command.name), ...firstWords]);
  const hint = close === undefined ? "" : `: did you mean ${close}?`;
  await io.errors.write(`Unknown command "${printableLine(name)}"${hint}\n"controller help" lists all commands.\n`);
  return EXIT.usage;
}

/** Only the group's name was given, or after it a word that none of its commands has. */
async function unknownInGroup(
  word: string | undefined,
  { group, io }: { group: readonly Command[]; io: Io },
): Promise<number> {
  const asksForHelp = word === "--help" || word === "-h";
  const said = asksForHelp ? "" : word === undefined ? "Say which\n\n" : `${unknownWord(word, group)}\n\n`;
  await (asksForHelp ? io.out : io.errors).write(`${said}Commands:\n${commandList(group)}`);
  return asksForHelp ? EXIT.fine : EXIT.usage;
}

function unknownWord(word: string, group: readonly Command[]): string {
  const close = nearest(word, group.map(({ name }) => name.slice(name.indexOf(" ") + 1)));
  return `Unknown command "${printableLine(word)}"${close === undefined ? "" : `: did you mean ${close}?`}`;
}
