/**
 * `controller node activate host-3`: replicas may be placed on a drained node again.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { command, DRY_RUN } from "./command.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";

export const nodeActivate = command({
  name: "node activate",
  summary: "let replicas be placed on a drained node again",
  details: 'Nothing moves back by itself at once; "controller rebalance" spreads what runs anew.',
  words: [{ name: "node", kind: "node" }],
  flags: DRY_RUN,
  act: async (call) => {
    const { client, words: [word], show, signal, flags: { dryRun } } = call;
    const called = given(word, "Cannot activate a node: say which");
    const written = await client.activateNode({ id: called, query: { dry_run: dryRun } }, { signal });
    await show(written, () => `${printableLine(written.name)}: is active, as of revision ${written.revision}\n`);
    if (dryRun) await noteRehearsal(call);
  },
});
