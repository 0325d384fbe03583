/**
 * `controller context add prod --server https://… --token-file -`: keeps under a name where a controller is and the token
 * to come with. The token comes from a file or from standard input, as a command line is seen by others.
 * @module
 */
import { text } from "../../runtime/flag.ts";
import { given } from "./changing/given.ts";
import { localCommand } from "./command.ts";
import { connectionOf } from "./connection/connection.ts";
import { checkedName, readContexts, writeContexts } from "./connection/context_file.ts";
import { UsageError } from "./exit_code.ts";

export const contextAdd = localCommand({
  name: "context add",
  summary: "keep under a name where a controller is and who you are there",
  words: [{ name: "name", kind: "text" }],
  usage: "<name> --server <url> [flags]",
  flags: {
    server: text({ help: "The controller", placeholder: "<url>" }),
    tokenFile: text({ help: "File with your token, - for standard input", placeholder: "<file>" }),
    caFile: text({ help: "File with the certificate that vouches for the controller", placeholder: "<file>" }),
  },
  act: async ({ flags: { server, tokenFile, caFile }, words: [word], show, io }) => {
    const name = checkedName(given(word, "Cannot add a context: give it a name, such as prod"));
    if (server === undefined) throw new UsageError(`Cannot add ${name}: say where it is with --server <url>`);
    const { current, contexts } = await readContexts(io);
    const entry = await connectionOf({ server, tokenFile, caFile, context: undefined }, io);
    // The first one is what one wants to use.
    await writeContexts({ current: current ?? name, contexts: { ...contexts, [name]: entry } }, io);
    const told = { name, server: entry.server, current: (current ?? name) === name };
    const hint = told.current ? "" : `; "controller context use ${name}" makes it the current one`;
    await show(told, () => `${name}: ${entry.server}${hint}\n`);
  },
});
