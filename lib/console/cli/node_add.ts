/**
 * `controller node add http://10.0.0.5:9090`: makes a host a node, by the address of its agent.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { command, DRY_RUN } from "./command.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";

export const nodeAdd = command({
  name: "node add",
  summary: "make a host a node, by its agent's address",
  details: "An agent that doesn't answer yet is tried on. Agents that are started with --controller make themselves " +
    "known and need no adding.",
  words: [{ name: "url", kind: "text" }],
  flags: DRY_RUN,
  examples: [{ line: "controller node add http://10.0.0.5:9090", does: "add the agent on that host" }],
  act: async (call) => {
    const { client, words: [word], show, signal, flags: { dryRun } } = call;
    const url = given(word, "Cannot add a node: give its agent's address, such as http://10.0.0.5:9090");
    const added = await client.addNode({ body: { url }, query: { dry_run: dryRun } }, { signal });
    const { name, status } = added;
    const more = status === "pending" ? " (it doesn't answer yet, and is tried on)" : "";
    await show(added, () => `${printableLine(`${name || added.url}: ${status} at ${added.url}${more}`)}\n`);
    if (dryRun) await noteRehearsal(call);
  },
});
