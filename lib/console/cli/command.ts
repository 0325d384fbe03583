/**
 * What a command is, and what all have in common: where the controller is, who asks, and how the answer looks. A command
 * names its flags and does its work with an open connection; `run.ts` finds it by its name.
 * @module
 */
import { parseConfig } from "../../runtime/config.ts";
import { type FlagTable, oneOf, text, type ValuesOf } from "../../runtime/flag.ts";
import { VERSION } from "../../runtime/version.ts";
import { connectChecked } from "../../wire/client/checked_client.ts";
import type { Client } from "../../wire/client/client.ts";
import { type ConnectionIo, connectionOf, SERVER_USUAL } from "./connection.ts";
import { EXIT } from "./exit_code.ts";
import type { Screen } from "./screen.ts";

/** The world as a command sees it. */
export interface Io extends ConnectionIo {
  /** Data. */
  out: Screen;
  /** All that is said beside it. */
  errors: Screen;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** A command, ready to be called. */
export interface Command {
  /** One word, or two of which the first names a group. */
  name: string;
  summary: string;
  /** Does it and gives the exit code. */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** What a command is made of. */
export interface CommandParts<F extends FlagTable, Call> {
  name: string;
  summary: string;
  /** What follows the name in the usage line. */
  usage: string;
  /** How many words that are no flags it takes. */
  positionalsMax?: number;
  flags: F;
  /** Does the work: what it throws becomes words and an exit code elsewhere. */
  act(call: Call): Promise<void>;
}

/** One use of a command that works on this host alone. */
export interface LocalCall<F extends FlagTable> {
  flags: ValuesOf<F>;
  words: readonly string[];
  output: "table" | "json";
  out: Screen;
  errors: Screen;
  signal: AbortSignal;
  io: Io;
}

/** One use of a command. */
export interface CommandCall<F extends FlagTable> extends LocalCall<F> {
  client: Client;
}

const group = "Every command";

const CONNECTION = {
  server: text({ group, help: `The controller; else the context's, else ${SERVER_USUAL}`, placeholder: "<url>" }),
  context: text({ group, help: "Which of the contexts counts, if not the current one", placeholder: "<name>" }),
  tokenFile: text({ group, help: "File with the token to ask with, - for standard input", placeholder: "<file>" }),
  caFile: text({ group, help: "File with the certificate that vouches for the controller", placeholder: "<file>" }),
};
const COMMON = {
  output: oneOf(["table", "json"], { group, short: "o", help: "For people or for programs", default: "table" }),
};

/** Makes a command that asks the controller. */
export function command<F extends FlagTable>(parts: CommandParts<F, CommandCall<F>>): Command {
  return localCommand({
    ...parts,
    flags: { ...parts.flags, ...CONNECTION },
    act: async (call) => {
      // The table is the sum of both, which the types of a generic table can't say.
      const flags = call.flags as ValuesOf<F> & ValuesOf<typeof CONNECTION>;
      const { server, token, ca } = await connectionOf(flags, call.io);
      using http = ca === undefined ? undefined : Deno.createHttpClient({ caCerts: [ca] });
      const trusting: typeof fetch = (input, init) => fetch(input, { ...init, ...(http && { client: http }) });
      await parts.act({ ...call, flags, client: connectChecked({ server, token, fetch: trusting }) });
    },
  });
}

/** Makes a command that asks nobody. */
export function localCommand<F extends FlagTable>(parts: CommandParts<F, LocalCall<F>>): Command {
  const { name, summary, usage, flags, positionalsMax = 0, act } = parts;
  const common = { name: `controller ${name}`, summary, usage, positionalsMax };
  return {
    name,
    summary,
    run: async (args, io) => {
      const { env, readFile, out, errors, signal } = io;
      const result = await parseConfig({ ...common, flags: { ...flags, ...COMMON } }, { args, env, readFile });
      if (result.kind === "help") await out.write(result.text);
      if (result.kind === "version") await out.write(`controller ${VERSION}\n`);
      if (result.kind === "usage_error") await errors.write(`${result.message}\n`);
      if (result.kind !== "config") return result.kind === "usage_error" ? EXIT.usage : EXIT.fine;

      const values = result.config as ValuesOf<F> & ValuesOf<typeof COMMON>;
      await act({ flags: values, words: result.positionals, output: values.output, out, errors, signal, io });
      return EXIT.fine;
    },
  };
}
