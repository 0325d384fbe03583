/**
 * `controller scale web=5 api=2`: how many replicas of services are wanted. A bare number is for the default service. It
 * is followed until that many are ready, and no more.
 * @module
 */
import { DEFAULT_SERVICE } from "../../cluster/service.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { command, DRY_RUN } from "./command.ts";
import { UsageError } from "./exit_code.ts";
import type { Goal } from "./follow/follow.ts";
import { FOLLOW, followUntil } from "./follow/follow_until.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";

export const scale = command({
  name: "scale",
  summary: "say how many replicas of services should run",
  details: "The wish is durable as soon as it is answered; then it is watched until so many are ready. With several " +
    "services each is a change of its own. The exit code is 5 when not all of them find a place.",
  words: [{ name: "service=n", kind: "scale", many: true }],
  usage: "<service>=<n>… | <n> [flags]",
  flags: { ...FOLLOW, ...DRY_RUN },
  examples: [
    { line: "controller scale web=5", does: "five replicas of web" },
    { line: "controller scale web=5 api=2 --no-wait", does: "two services, without watching" },
    { line: "controller scale 3", does: "three replicas of the default service" },
  ],
  act: async (call) => {
    const { client, words, show, showEach, signal, flags: { dryRun } } = call;
    const wishes = words.length === 0 ? [wishOf("")] : words.map(wishOf);
    const goals: Goal[] = [];
    for (const { service: name, replicas } of wishes) {
      const answer = await client.scaleService({ name, body: { replicas }, query: { dry_run: dryRun } }, { signal });
      const { service, desired, revision } = answer;
      const told = wishes.length === 1 ? show : showEach;
      await told(answer, () => `${printableLine(service)}: ${desired} wanted, as of revision ${revision}\n`);
      goals.push({ kind: "scaled", service, desired });
    }
    return dryRun ? void await noteRehearsal(call) : await followUntil(call, goals);
  },
});

/** The controller knows which services there are and how many replicas may be asked for. */
function wishOf(wish: string): { service: string; replicas: number } {
  const [, service = DEFAULT_SERVICE, count] = /^(?:([^=]+)=)?(\d{1,9})$/.exec(wish) ?? [];
  if (count === undefined) {
    const found = wish === "" ? "nothing" : `"${wish}"`;
    throw new UsageError(`Cannot scale: expected <service>=<number> or a number, found ${found}`);
  }
  return { service, replicas: Number(count) };
}
