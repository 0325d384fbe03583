/**
 * `controller node rm host-3`: forgets a node. What was placed there is placed elsewhere.
 * @module
 */
import { onOff } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { counted } from "../render/amount.ts";
import { command, DRY_RUN } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";

export const nodeRm = command({
  name: "node rm",
  summary: "forget a node",
  details:
    "A node that is alive and carries replicas is drained first; --force removes it all the same, and what runs " +
    "there is stopped. Somebody has to agree; --yes agrees beforehand.",
  words: [{ name: "node", kind: "node" }],
  flags: { force: onOff({ help: "Remove it though replicas run there" }), ...DRY_RUN },
  examples: [{ line: "controller node rm host-3", does: "after it was drained, or is lost for good" }],
  act: async (call) => {
    const { client, words: [word], show, confirm, note, signal, flags: { dryRun, force } } = call;
    const called = given(word, "Cannot remove a node: say which");
    const { id, name, status, replicas, revision: ifMatch } = await client.getNode({ id: called }, { signal });
    const carries = counted(replicas, "replica");
    if (!dryRun && !await confirm(`Remove the node ${name} (${status}, ${carries})?`)) {
      await note("Nothing was changed.");
      return EXIT.failure;
    }
    const removed = await client.deleteNode({ id, query: { dry_run: dryRun, force }, ifMatch }, { signal });
    await show(removed, () => `${printableLine(removed.name)}: removed, as of revision ${removed.revision}\n`);
    if (dryRun) await noteRehearsal(call);
    return EXIT.fine;
  },
});
