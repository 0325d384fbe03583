/**
 * `controller token rm ada`: takes a token back. It counts no more from then on, and what its owner follows ends.
 * @module
 */
import { command } from "./command.ts";
import { UsageError } from "./exit_code.ts";

export const tokenRm = command({
  name: "token rm",
  summary: "take a token back, by its name or id",
  words: [{ name: "token", kind: "token" }],
  usage: "<name|id> [flags]",
  flags: {},
  act: async ({ client, words: [called], output, out, signal }) => {
    if (called === undefined) {
      throw new UsageError('Cannot remove a token: say which; "controller token ls" lists them');
    }
    const removed = await client.deleteToken({ id: called }, { signal });
    const told = `${removed.name}: removed, as of revision ${removed.revision}`;
    await out.write(`${output === "json" ? JSON.stringify(removed, undefined, 2) : told}\n`);
  },
});
