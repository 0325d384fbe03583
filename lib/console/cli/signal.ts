/**
 * `controller signal web.2 SIGHUP`: sends a replica's process a signal, as for reading its configuration anew.
 * @module
 */
import type * as z from "zod";
import { nearest } from "../../runtime/nearest.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { ReplicaSignalName } from "../../wire/replica_signal.ts";
import { command, DRY_RUN } from "./command.ts";
import { UsageError } from "./exit_code.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";
import { resolveReplica } from "./changing/resolve_replica.ts";

export const signal = command({
  name: "signal",
  summary: "send the process of a replica a signal",
  words: [{ name: "replica", kind: "replica" }, { name: "signal", kind: "text" }],
  flags: DRY_RUN,
  examples: [{ line: "controller signal web.2 SIGHUP", does: "have it read its configuration anew, if it does so" }],
  act: async (call) => {
    const { client, words, show, signal, flags: { dryRun } } = call;
    const called = given(words[0], "Cannot send a signal: say to which replica, such as web.2");
    const named = nameOf(
      given(words[1], `Cannot send a signal: say which, one of ${ReplicaSignalName.options.join(", ")}`),
    );
    const { id, node_name } = await resolveReplica(client, called, { signal });
    const answer = await client.signalReplica({ id, body: { signal: named }, query: { dry_run: dryRun } }, { signal });
    await show(answer, () => `${printableLine(`${answer.name} on ${node_name}`)}: was sent ${answer.signal}\n`);
    if (dryRun) await noteRehearsal(call);
  },
});

/** `hup` is as good as `SIGHUP`. */
function nameOf(given: string): z.infer<typeof ReplicaSignalName> {
  const upper = given.toUpperCase();
  const named = upper.startsWith("SIG") ? upper : `SIG${upper}`;
  const parsed = ReplicaSignalName.safeParse(named);
  if (parsed.success) return parsed.data;
  const close = nearest(named, ReplicaSignalName.options);
  const hint = close === undefined ? `one of ${ReplicaSignalName.options.join(", ")}` : `did you mean ${close}?`;
  throw new UsageError(`Cannot send the signal "${given}": ${hint}`);
}
