/**
 * `controller rm web`: removes a service. Its replicas are withdrawn and stopped, and it is gone with the last of them.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { counted } from "../render/amount.ts";
import { command, DRY_RUN } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { FOLLOW, followUntil } from "./follow/follow_until.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";

export const rm = command({
  name: "rm",
  summary: "remove a service",
  details: "Somebody has to agree; --yes agrees beforehand. Applying its spec brings the service back while its last " +
    "replicas are still being stopped, and makes it anew after that.",
  words: [{ name: "service", kind: "service" }],
  flags: { ...FOLLOW, ...DRY_RUN },
  examples: [{ line: "controller rm web --yes", does: "remove web without being asked" }],
  act: async (call) => {
    const { client, words: [word], show, confirm, note, signal, flags: { dryRun } } = call;
    const name = given(word, "Cannot remove a service: say which");
    const { assigned, revision: ifMatch } = await client.getService({ name }, { signal });
    const left = counted(assigned, "replica");
    if (!dryRun && !await confirm(`Remove ${name}, with ${left}?`)) {
      await note("Nothing was changed.");
      return EXIT.failure;
    }
    const written = await client.deleteService({ name, query: { dry_run: dryRun }, ifMatch }, { signal });
    await show(written, () => `${printableLine(name)}: is removed, as of revision ${written.revision}\n`);
    return dryRun ? await noteRehearsal(call) : await followUntil(call, [{ kind: "gone", service: name }]);
  },
});
