/**
 * The command line in the controller's binary: finds a command by its name, calls it, and turns its end into an exit
 * code. `controller.ts` hands over whatever isn't `serve`. The list of commands here is what the help shows.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { nearest } from "../../runtime/nearest.ts";
import type { Command, Io } from "./command.ts";
import { events } from "./events.ts";
import { endingOf, EXIT } from "./exit_code.ts";
import { logs } from "./logs.ts";
import { scale } from "./scale.ts";
import { screenOf } from "./screen.ts";
import { status } from "./status.ts";

/** In the order in which one gets to know them. */
const COMMANDS: readonly Command[] = [status, scale, logs, events];

/** Runs the command of that name; gives the code to exit with. */
export async function runCommand(name: string, args: readonly string[], io: Io): Promise<number> {
  if (name === "help") return await help(io);
  const found = COMMANDS.find((command) => command.name === name);
  if (found === undefined) return await unknown(name, io);
  try {
    return await found.run(args, io);
  } catch (error) {
    return await endingOf(error, { signal: io.signal, errors: io.errors });
  }
}

/** One line per command, for the help of the program. */
export function commandList(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2;
  return COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}\n`).join("");
}

/** The world as it is; `signal` is aborted when the command is to end. */
export function processIo(signal: AbortSignal): Io {
  const { env, readTextFile: readFile, stdout, stderr } = Deno;
  return { env, readFile, out: screenOf(stdout, env), errors: screenOf(stderr, env), signal };
}

async function help({ out }: Io): Promise<number> {
  await out.write(
    `Usage: controller [serve] [flags]\n       controller <command> [flags]\n\nCommands:\n${commandList()}\n` +
      `"controller --help" lists the flags of the controller, "controller <command> --help" those of a command.\n`,
  );
  return EXIT.fine;
}

async function unknown(name: string, { errors }: Io): Promise<number> {
  const close = nearest(name, ["serve", "help", ...COMMANDS.map((command) => command.name)]);
  const hint = close === undefined ? "" : `: did you mean ${close}?`;
  await errors.write(`Unknown command "${printableLine(name)}"${hint}\n\nCommands:\n${commandList()}`);
  return EXIT.usage;
}
