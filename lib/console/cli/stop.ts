/**
 * `controller stop web.2`: withdraws a replica and stops it. The scale stays, so that another one takes its place.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { command, DRY_RUN } from "./command.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";
import { resolveReplica } from "./changing/resolve_replica.ts";

export const stop = command({
  name: "stop",
  summary: "stop a replica; another one takes its place",
  details:
    "It gets no more requests, finishes those it has and is stopped. As many replicas are wanted as before, so " +
    'that another one is started, maybe elsewhere; "controller scale" changes how many there are.',
  words: [{ name: "replica", kind: "replica" }],
  flags: DRY_RUN,
  examples: [{ line: "controller stop web.2", does: "replace the replica in slot 2 of web" }],
  act: async (call) => {
    const { client, words: [word], show, signal, flags: { dryRun } } = call;
    const called = given(word, "Cannot stop a replica: say which, such as web.2");
    const { id, node_name } = await resolveReplica(client, called, { signal });
    const answer = await client.stopReplica({ id, query: { dry_run: dryRun } }, { signal });
    const { name, revision } = answer;
    await show(answer, () => `${printableLine(`${name} on ${node_name}`)}: is stopped, as of revision ${revision}\n`);
    if (dryRun) await noteRehearsal(call);
  },
});
