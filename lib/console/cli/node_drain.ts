/**
 * `controller node drain host-3`: moves everything elsewhere, each replica only when its successor is ready, and takes
 * no more in. It is followed until the node is empty.
 * @module
 */
import { duration } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { command, DRY_RUN } from "./command.ts";
import { FOLLOW, followUntil } from "./follow/follow_until.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";

export const nodeDrain = command({
  name: "node drain",
  summary: "move everything off a node, and keep it empty",
  details: 'It stays so until "controller node activate". What can\'t be moved stays where it is, and the reason is ' +
    "told; with --deadline it is stopped after that.",
  words: [{ name: "node", kind: "node" }],
  flags: {
    deadlineMs: duration({ help: "Stop then what couldn't be moved" }),
    ...FOLLOW,
    ...DRY_RUN,
  },
  examples: [
    { line: "controller node drain host-3", does: "before its update or its end" },
    { line: "controller node drain host-3 --deadline 10m", does: "and be done after ten minutes in any case" },
  ],
  act: async (call) => {
    const { client, words: [word], show, signal, flags: { dryRun, deadlineMs } } = call;
    const called = given(word, "Cannot drain a node: say which");
    const body = deadlineMs === undefined ? {} : { deadline: `${deadlineMs}ms` };
    const written = await client.drainNode({ id: called, body, query: { dry_run: dryRun } }, { signal });
    const { id, name, revision } = written;
    await show(written, () => `${printableLine(name)}: is drained, as of revision ${revision}\n`);
    return dryRun ? await noteRehearsal(call) : await followUntil(call, [{ kind: "drained", node: id, name }]);
  },
});
