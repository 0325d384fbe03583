/**
 * `controller node label host-3 zone=b old-`: gives a node labels, or takes them away. They are the operator's from then
 * on, whatever the agent's own flags say.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { command, DRY_RUN } from "./command.ts";
import { UsageError } from "./exit_code.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";

export const nodeLabel = command({
  name: "node label",
  summary: "give a node labels, or take them away",
  words: [{ name: "node", kind: "node" }, { name: "label", kind: "text", many: true }],
  usage: "<node> <key>=<value>… <key>-… [flags]",
  flags: DRY_RUN,
  examples: [{ line: "controller node label host-3 zone=b ssd=yes old-", does: "two labels more and one less" }],
  act: async (call) => {
    const { client, words: [word, ...wishes], show, signal, flags: { dryRun } } = call;
    const called = given(word, "Cannot label a node: say which");
    const labels = labelsOf(wishes);
    const written = await client.patchNode({ id: called, body: { labels }, query: { dry_run: dryRun } }, { signal });
    const now = Object.entries(written.labels).map(([key, value]) => `${key}=${value}`).join(" ");
    await show(written, () => `${printableLine(`${written.name}: ${now || "no labels"}`)}\n`);
    if (dryRun) await noteRehearsal(call);
  },
});

/** Null takes a label away. */
function labelsOf(wishes: readonly string[]): Record<string, string | null> {
  if (wishes.length === 0) {
    throw new UsageError("Cannot label a node: give labels such as zone=b, or old- to take one away");
  }
  return Object.fromEntries(wishes.map((wish) => {
    const at = wish.indexOf("=");
    if (at > 0) return [wish.slice(0, at), wish.slice(at + 1)];
    if (at < 0 && wish.length > 1 && wish.endsWith("-")) return [wish.slice(0, -1), null];
    throw new UsageError(`Cannot use "${wish}" as a label: expected <key>=<value>, or <key>- to take it away`);
  }));
}
