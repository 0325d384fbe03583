/**
 * `controller restore muster.backup`: puts a backup in the place of all that the controller knows. What that means is
 * shown before somebody agrees, and the command ends once the controller goes on with it.
 * @module
 */
import { delay } from "@std/async";
import { printableLine } from "../../runtime/sanitize.ts";
import type { Restored } from "../../wire/restored.ts";
import { ApiRefusal, Unreachable } from "../../wire/client/problem_error.ts";
import { lookOver, openBackup } from "../backup/backup_file.ts";
import { counted } from "../render/amount.ts";
import { moment } from "../render/moment.ts";
import { paint } from "../render/paint.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";
import { command, type CommandCall, DRY_RUN } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import type { Screen } from "./screen.ts";

/** Artifacts may be large, and the line slow. */
const UPLOAD_MS = 3_600_000;
/** For how long the controller may take to be there again. */
const AGAIN_MS = 60_000;
const LOOK_MS = 250;
const DISTRUST = /invalid peer certificate/;

type RestoreCall = CommandCall<typeof DRY_RUN>;

export const restore = command({
  name: "restore",
  summary: "put a backup in the place of all that the controller knows",
  details:
    "For a controller whose host is gone, start a fresh one where agents look for it, with the same flags, and " +
    "restore to that. It asks every node what runs and keeps what the backup knows; replicas that the backup doesn't " +
    "know are stopped. Somebody has to agree; --yes agrees beforehand.",
  words: [{ name: "file", kind: "file" }],
  flags: DRY_RUN,
  examples: [
    { line: "controller restore muster.backup --dry-run", does: "what would be restored, and what would go" },
    { line: "controller restore muster.backup", does: "the same, and do it" },
  ],
  act: async (call) => {
    const { client, words: [word], show, out, errors, output, confirm, note, signal, flags: { dryRun } } = call;
    const path = given(word, "Cannot restore: say which file");
    await lookOver(path);
    const rehearsed = await client.restore({ query: { dry_run: true }, body: await openBackup(path) }, {
      signal,
      answerMs: UPLOAD_MS,
    });
    if (dryRun) {
      await show(rehearsed, (screen) => page(rehearsed, screen));
      return await noteRehearsal(call);
    }
    // Where the data is for a program, a person may still be asked, and has to see what about.
    const screen = output === "table" ? out : errors;
    await screen.write(page(rehearsed, screen));
    if (!await confirm("Restore this in the place of all that the controller knows?")) {
      await note("Nothing was changed.");
      return EXIT.failure;
    }
    const restored = await client.restore({ body: await openBackup(path) }, { signal, answerMs: UPLOAD_MS });
    await show(restored, () => "");
    return await awaitAgain(call, restored);
  },
});

function page({ cluster, created_at, services, nodes, artifacts, removed }: Restored, screen: Screen): string {
  const named = (count: number, word: string, names: readonly string[]) =>
    `  ${counted(count, word)}${names.length === 0 ? "" : `: ${names.map(printableLine).join(", ")}`}\n`;
  const going = removed.map((name) =>
    `${paint("-", "bad", screen)} ${printableLine(name)}: is not in it, so that its replicas are stopped\n`
  );
  return `cluster ${printableLine(cluster)} as of ${moment(created_at)} UTC\n` +
    named(services.length, "service", services) + named(nodes.length, "node", nodes) +
    named(artifacts, "artifact", []) + going.join("");
}

/** The controller begins anew, and nobody listens for a moment; then it may show another certificate. */
async function awaitAgain(call: RestoreCall, { epoch }: Restored): Promise<number> {
  const { note, signal } = call;
  const untilMs = performance.now() + AGAIN_MS;
  let reason = "";
  while (performance.now() < untilMs) {
    try {
      if (await epochNow(call) > epoch) {
        await note("✓ restored; the controller goes on with it");
        return EXIT.fine;
      }
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof ApiRefusal)) throw error;
      reason = error.message;
      if (DISTRUST.test(reason)) {
        await note(`✓ restored; its certificate is one of the backup's authority now. ${reason}`);
        return EXIT.fine;
      }
    }
    await delay(LOOK_MS, { signal });
  }
  await note(`It is restored, but the controller was not reached again within ${AGAIN_MS / 1_000} s: ${reason}`);
  return EXIT.timeout;
}

async function epochNow({ reopen, signal }: RestoreCall): Promise<number> {
  using opened = await reopen();
  return (await opened.client.getStatus({}, { signal })).cluster.epoch;
}
