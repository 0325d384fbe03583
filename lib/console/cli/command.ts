/**
 * What a command is, and what all have in common: where the controller is, who asks, and how the answer looks. A command
 * names its words and flags and does its work with an open connection. Help, completion, manual and reference are made of
 * what it says of itself here; `commands.ts` lists them all.
 * @module
 */
import { parseConfig } from "../../runtime/config.ts";
import { pageColumns } from "../../runtime/terminal/help_text.ts";
import { type FlagTable, oneOf, onOff, text, type ValuesOf } from "../../runtime/flag.ts";
import { printable } from "../../runtime/sanitize.ts";
import { VERSION } from "../../runtime/version.ts";
import type { Client } from "../../wire/client/client.ts";
import { wrapped } from "../../runtime/terminal/wrap.ts";
import { type ConnectionIo, SERVER_USUAL } from "./connection/connection.ts";
import { EXIT, UsageError } from "./exit_code.ts";
import { type OpenClient, openClient } from "./connection/open_client.ts";
import type { Screen } from "./screen.ts";

/** The world as a command sees it. */
export interface Io extends ConnectionIo {
  /** Data. */
  out: Screen;
  /** All that is said beside it. */
  errors: Screen;
  /** A person's line of input; undefined where nobody can be asked. */
  readAnswer(): Promise<string | undefined>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

export type WordKind =
  | "service"
  | "scale"
  | "replica"
  | "service or replica"
  | "node"
  | "anything"
  | "token"
  | "context"
  | "shell"
  | "command"
  | "file"
  | "folder"
  | "text";

/** A word that a command takes: completion offers what there is of its kind. */
export interface Word {
  name: string;
  kind: WordKind;
  optional?: true;
  many?: true;
}

/** What a command says of itself. */
export interface Described {
  /** One word, or two of which the first names a group. */
  name: string;
  /** One line, beginning small and without a full stop. */
  summary: string;
  /** A paragraph or two for the manual: what it does beyond the summary, and what to know. */
  details?: string;
  words?: readonly Word[];
  /** What follows the name in the usage line, if not its words. */
  usage?: string;
  examples?: readonly { line: string; does: string }[];
}

/** A command, ready to be called. */
export interface Command extends Described {
  flags: FlagTable;
  /** Does it and gives the exit code. */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** What a command is made of. */
export interface CommandParts<F extends FlagTable, Call> extends Described {
  flags: F;
  /** Does the work, and gives the exit code if that isn't 0: what it throws becomes words and a code elsewhere. */
  act(call: Call): Promise<number | void>;
}

export type Output = "table" | "json" | "yaml";

/** One use of a command that works on this host alone. */
export interface LocalCall<F extends FlagTable> {
  flags: ValuesOf<F>;
  words: readonly string[];
  output: Output;
  quiet: boolean;
  out: Screen;
  errors: Screen;
  signal: AbortSignal;
  io: Io;
  /** Gives data: to programs as it is, to people as the page. */
  show(value: unknown, page: (screen: Screen) => string): Promise<void>;
  /** As `show`, for one of many that come one by one: a line each, or a document of YAML. */
  showEach(value: unknown, line: (screen: Screen) => string): Promise<void>;
  /** Says something beside the data, unless --quiet was said. */
  note(text: string): Promise<void>;
  /** Whether a person agrees, or did so beforehand by --yes. Where nobody can be asked it has to be --yes. */
  confirm(question: string): Promise<boolean>;
}

/** One use of a command. */
export interface CommandCall<F extends FlagTable> extends LocalCall<F> {
  client: Client;
  connection: OpenClient["connection"];
  /** Another client, by what vouches for the controller now. */
  reopen(): Promise<OpenClient>;
}

const group = "Every command";

const CONNECTION = {
  server: text({ group, help: `The controller; else the context's, else ${SERVER_USUAL}`, placeholder: "<url>" }),
  context: text({ group, help: "Which of the contexts counts, if not the current one", placeholder: "<name>" }),
  tokenFile: text({ group, help: "File with the token to ask with, - for standard input", placeholder: "<file>" }),
  caFile: text({ group, help: "File with the certificate that vouches for the controller", placeholder: "<file>" }),
};
const COMMON = {
  output: oneOf(["table", "json", "yaml"], { group, short: "o", help: "For people or for programs", default: "table" }),
  quiet: onOff({ group, short: "q", help: "Say nothing but the data" }),
  yes: onOff({ group, short: "y", help: "Ask nothing: yes to all" }),
  input: onOff({ group, help: "Ask when something is to be confirmed; --no-input never asks", default: "true" }),
};

/** The flag of every command that changes something. */
export const DRY_RUN = {
  dryRun: onOff({ group: "Changes", help: "Say what would be done, and do nothing" }),
};

/** Makes a command that asks the controller. */
export function command<F extends FlagTable>(parts: CommandParts<F, CommandCall<F>>): Command {
  return localCommand({
    ...parts,
    flags: { ...parts.flags, ...CONNECTION },
    act: async (call) => {
      // The table is the sum of both, which the types of a generic table can't say.
      const flags = call.flags as ValuesOf<F> & ValuesOf<typeof CONNECTION>;
      using opened = await openClient(flags, call.io);
      const { client, connection } = opened;
      const reopen = () => openClient(flags, call.io);
      return await parts.act({ ...call, flags, client, connection, reopen });
    },
  });
}

/** Makes a command that asks nobody. */
export function localCommand<F extends FlagTable>(parts: CommandParts<F, LocalCall<F>>): Command {
  const { act, flags: own, ...described } = parts;
  const flags = { ...own, ...COMMON };
  const program = {
    name: `controller ${parts.name}`,
    summary: parts.summary,
    usage: usageOf(parts),
    positionalsMax: positionalsMaxOf(parts),
    flags,
  };
  return {
    ...described,
    flags,
    run: async (args, io) => {
      const { env, readFile, out, errors } = io;
      const result = await parseConfig(program, { args, env, readFile });
      if (result.kind === "help") await out.write(`${result.page(out.width)}${moreOf(parts, pageColumns(out.width))}`);
      if (result.kind === "version") await out.write(`controller ${VERSION}\n`);
      if (result.kind === "usage_error") await errors.write(`${result.message}\n`);
      if (result.kind !== "config") return result.kind === "usage_error" ? EXIT.usage : EXIT.fine;

      const values = result.config as ValuesOf<F> & ValuesOf<typeof COMMON>;
      return await act(callOf(values, { words: result.positionals, io })) ?? EXIT.fine;
    },
  };
}

/** What the help says below the flags. */
function moreOf({ details, examples = [] }: Described, width: number): string {
  // A line that is to be copied is not broken.
  const shown = examples.map(({ line, does }) => `  ${line}\n${wrapped(does, { width, indent: "      " })}`).join("");
  return `${details === undefined ? "" : `\n${wrapped(details, { width })}`}` +
    `${shown === "" ? "" : `\nExamples:\n${shown}`}`;
}

/** The words and flags as the help shows them. */
export function usageOf({ usage, words = [] }: Described): string {
  if (usage !== undefined) return usage;
  const shown = words.map(({ name, optional, many }) => {
    const word = `<${name}>${many ? "…" : ""}`;
    return optional ? `[${word}]` : word;
  });
  return [...shown, "[flags]"].join(" ");
}

function positionalsMaxOf({ words = [] }: Described): number {
  return words.some(({ many }) => many) ? Number.MAX_SAFE_INTEGER : words.length;
}

function callOf<F extends FlagTable>(
  flags: ValuesOf<F> & ValuesOf<typeof COMMON>,
  { words, io }: { words: readonly string[]; io: Io },
): LocalCall<F> {
  const { out, errors, signal } = io;
  const { output, quiet, yes, input } = flags;
  return {
    ...{ flags, words, output, quiet, out, errors, signal, io },
    show: async (value, page) =>
      out.write(output === "table" ? page(out) : forScreen(await dataAs(output, value), out)),
    showEach: async (value, line) =>
      out.write(output === "table" ? line(out) : forScreen(await documentAs(output, value), out)),
    note: async (text) => {
      if (!quiet) await errors.write(`${printable(text)}\n`);
    },
    confirm: async (question) => {
      if (yes) return true;
      if (input) await errors.write(`${printable(question)} [y/N] `);
      const answer = input ? await io.readAnswer() : undefined;
      if (answer !== undefined) return /^y(es)?$/i.test(answer);
      if (input) await errors.write("\n");
      throw new UsageError("Cannot ask whether to go on: there is nobody to answer; say --yes");
    },
  };
}

/** Data for programs. Most want JSON, and need not wait for the other to be loaded. */
async function dataAs(output: "json" | "yaml", value: unknown): Promise<string> {
  if (output === "json") return `${JSON.stringify(value, undefined, 2)}\n`;
  const { stringify } = await import("yaml");
  return stringify(value, { lineWidth: 0 });
}

/** One of several: each on a line of its own, or behind a line that parts it from the one before. */
async function documentAs(output: "json" | "yaml", value: unknown): Promise<string> {
  return output === "json" ? `${JSON.stringify(value)}\n` : `---\n${await dataAs(output, value)}`;
}

/** A program gets every character; a terminal none that it would take for a command. */
function forScreen(text: string, { width }: Screen): string {
  return width === undefined ? text : printable(text);
}
