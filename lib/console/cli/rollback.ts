/**
 * `controller rollback web`: back to the last good generation, or to the one that is named. What that changes is shown,
 * and followed like any other rollout.
 * @module
 */
import { differencesBetween } from "../../cluster/spec_change.ts";
import { number } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { systemRandom } from "../../runtime/random.ts";
import type { RolledBack } from "../../wire/change.ts";
import { differenceLines } from "../render/plan_page.ts";
import { command, DRY_RUN } from "./command.ts";
import { FOLLOW, followUntil } from "./follow/follow_until.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";
import type { Screen } from "./screen.ts";

export const rollback = command({
  name: "rollback",
  summary: "bring back what a service was before",
  details: "It makes a new generation with the spec of a former one: without --to that of the last good one while an " +
    "update is under way, else of the last one that ran something else. The scale stays as it is.",
  words: [{ name: "service", kind: "service" }],
  flags: {
    to: number({ help: "The generation whose spec comes back", min: 1, max: 1_000_000_000, whole: true }),
    ...FOLLOW,
    ...DRY_RUN,
  },
  examples: [
    { line: "controller rollback web", does: "undo the last update" },
    { line: "controller rollback web --to 4 --dry-run", does: "see what going back to generation 4 would change" },
  ],
  act: async (call) => {
    const { client, words: [word], show, signal, flags: { to, dryRun } } = call;
    const name = given(word, "Cannot roll back: say which service");
    const present = await client.getService({ name }, { signal });
    const body = to === undefined ? {} : { generation: to };
    const written = await client.rollbackService(
      { name, body, query: { dry_run: dryRun }, ifMatch: present.revision, idempotencyKey: systemRandom.uuid() },
      { signal },
    );
    await show(written, (screen) => page(present, written, screen));
    if (dryRun) return await noteRehearsal(call);
    return await followUntil(call, [{ kind: "release", service: name, generation: written.generation }]);
  },
});

function page({ spec }: Pick<RolledBack, "spec">, written: RolledBack, screen: Screen): string {
  const replicas = written.desired;
  const differences = differencesBetween({ ...spec, replicas }, { ...written.spec, replicas });
  const head = `${printableLine(written.name)}  generation ${written.generation}, as generation ${written.to} was\n`;
  return head + differences.map((one) => differenceLines(one, screen)).join("");
}
