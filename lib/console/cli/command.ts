/**
 * What a command is, and what all have in common: where the controller is, who asks, and how the answer looks. A command
 * names its flags and does its work with an open connection; `run.ts` finds it by its name.
 * @module
 */
import { parseConfig } from "../../runtime/config.ts";
import { type FlagTable, oneOf, text, type ValuesOf } from "../../runtime/flag.ts";
import { VERSION } from "../../runtime/version.ts";
import { type Client, connect } from "../../wire/client.ts";
import { EXIT, UsageError } from "./exit_code.ts";
import type { Screen } from "./screen.ts";

/** The world as a command sees it. */
export interface Io {
  env: { get(name: string): string | undefined };
  readFile(path: string): Promise<string>;
  /** Data. */
  out: Screen;
  /** All that is said beside it. */
  errors: Screen;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** A command, ready to be called. */
export interface Command {
  name: string;
  summary: string;
  /** Does it and gives the exit code. */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** What a command is made of. */
export interface CommandParts<F extends FlagTable> {
  name: string;
  summary: string;
  /** What follows the name in the usage line. */
  usage: string;
  /** How many words that are no flags it takes. */
  positionalsMax?: number;
  flags: F;
  /** Does the work: what it throws becomes words and an exit code elsewhere. */
  act(call: CommandCall<F>): Promise<void>;
}

/** One use of a command. */
export interface CommandCall<F extends FlagTable> {
  client: Client;
  flags: ValuesOf<F>;
  words: readonly string[];
  output: "table" | "json";
  out: Screen;
  signal: AbortSignal;
}

const group = "Every command";

const COMMON = {
  server: text({ group, help: "The controller", placeholder: "<url>", default: "http://127.0.0.1:8000" }),
  tokenFile: text({ group, help: "File with the token to ask with", placeholder: "<file>" }),
  output: oneOf(["table", "json"], { group, short: "o", help: "For people or for programs", default: "table" }),
};

/** Makes a command. */
export function command<F extends FlagTable>(parts: CommandParts<F>): Command {
  const { name, summary, usage, flags, positionalsMax = 0, act } = parts;
  const common = { name: `controller ${name}`, summary, usage, positionalsMax };
  return {
    name,
    summary,
    run: async (args, { env, readFile, out, errors, signal }) => {
      const result = await parseConfig({ ...common, flags: { ...flags, ...COMMON } }, { args, env, readFile });
      if (result.kind === "help") await out.write(result.text);
      if (result.kind === "version") await out.write(`controller ${VERSION}\n`);
      if (result.kind === "usage_error") await errors.write(`${result.message}\n`);
      if (result.kind !== "config") return result.kind === "usage_error" ? EXIT.usage : EXIT.fine;

      // The table is the sum of both, which the types of a generic table can't say.
      const values = result.config as ValuesOf<F> & ValuesOf<typeof COMMON>;
      const token = values.tokenFile === undefined ? undefined : await readToken(values.tokenFile, readFile);
      const client = connect({ server: serverOf(values.server), token });
      await act({ client, flags: values, words: result.positionals, output: values.output, out, signal });
      return EXIT.fine;
    },
  };
}

/** The beginning of the controller's addresses. */
function serverOf(given: string): string {
  const url = URL.parse(given);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" &&
    url.search === "" && url.hash === "";
  if (!isPlain) {
    throw new UsageError(`Cannot use --server "${given}": expected an address such as http://127.0.0.1:8000`);
  }
  return url.href.replace(/\/$/, "");
}

async function readToken(path: string, readFile: Io["readFile"]): Promise<string> {
  let token: string;
  try {
    token = (await readFile(path)).trim();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot read the token file ${path}: ${error.message}`, { cause: error });
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(`Cannot use the token file ${path}: expected one token in it`);
  }
  return token;
}
