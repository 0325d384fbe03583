/**
 * `controller token rm ada`: takes a token back. It counts no more from then on, and what its owner follows ends.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { command } from "./command.ts";
import { UsageError } from "./exit_code.ts";

export const tokenRm = command({
  name: "token rm",
  summary: "take a token back, by its name or id",
  words: [{ name: "token", kind: "token" }],
  usage: "<name|id> [flags]",
  flags: {},
  act: async ({ client, words: [called], show, signal }) => {
    if (called === undefined) {
      throw new UsageError('Cannot remove a token: say which; "controller token ls" lists them');
    }
    const removed = await client.deleteToken({ id: called }, { signal });
    const told = `${printableLine(removed.name)}: removed, as of revision ${removed.revision}`;
    await show(removed, () => `${told}\n`);
  },
});
