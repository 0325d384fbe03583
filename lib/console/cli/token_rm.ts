/**
 * `controller token rm ada`: takes a token back. It counts no more from then on, and what its owner follows ends.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { command, DRY_RUN } from "./command.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";

export const tokenRm = command({
  name: "token rm",
  summary: "take a token back, by its name or id",
  words: [{ name: "token", kind: "token" }],
  usage: "<name|id> [flags]",
  flags: DRY_RUN,
  act: async (call) => {
    const { client, words: [word], show, signal, flags: { dryRun } } = call;
    const called = given(word, 'Cannot remove a token: say which; "controller token ls" lists them');
    const removed = await client.deleteToken({ id: called, query: { dry_run: dryRun } }, { signal });
    const told = `${printableLine(removed.name)}: removed, as of revision ${removed.revision}`;
    await show(removed, () => `${told}\n`);
    if (dryRun) await noteRehearsal(call);
  },
});
