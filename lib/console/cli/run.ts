/**
 * The command line in the controller's binary: finds a command by its name, calls it, and turns its end into an exit
 * code. `controller.ts` hands over whatever isn't `serve`.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { nearest } from "../../runtime/nearest.ts";
import type { Command, Io } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { endingOf, EXIT } from "./exit_code.ts";

/** Runs the command of that name; gives the code to exit with. */
export async function runCommand(name: string, args: readonly string[], io: Io): Promise<number> {
  if (name === "help") return await help(io);
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
  const command = COMMANDS.find((command) => command.name === name);
  if (command !== undefined) return { command, args };
  const [second, ...rest] = args;
  const inGroup = COMMANDS.find((command) => command.name === `${name} ${second}`);
  return inGroup && { command: inGroup, args: rest };
}

/** One line per command, for the help of the program. */
export function commandList(commands: readonly Command[] = COMMANDS): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2;
  return commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}\n`).join("");
}

async function help({ out }: Io): Promise<number> {
  await out.write(
    `Usage: controller [serve] [flags]\n       controller <command> [flags]\n\nCommands:\n${commandList()}\n` +
      `"controller --help" lists the flags of the controller, "controller <command> --help" those of a command.\n`,
  );
  return EXIT.fine;
}

async function unknown([name = "", second]: readonly string[], io: Io): Promise<number> {
  const group = COMMANDS.filter((command) => command.name.startsWith(`${name} `));
  if (group.length > 0) return await unknownInGroup(second, { group, io });
  const close = nearest(name, ["serve", "help", ...COMMANDS.map((command) => command.name)]);
  const hint = close === undefined ? "" : `: did you mean ${close}?`;
  await io.errors.write(`Unknown command "${printableLine(name)}"${hint}\n\nCommands:\n${commandList()}`);
  return EXIT.usage;
}

/** Only the group's name was given, or after it a word that none of its commands has. */
async function unknownInGroup(
  word: string | undefined,
  { group, io }: { group: readonly Command[]; io: Io },
): Promise<number> {
  const asksForHelp = word === "--help" || word === "-h";
  const said = asksForHelp ? "" : word === undefined ? "Say which\n\n" : `Unknown command "${printableLine(word)}"\n\n`;
  await (asksForHelp ? io.out : io.errors).write(`${said}Commands:\n${commandList(group)}`);
  return asksForHelp ? EXIT.fine : EXIT.usage;
}
