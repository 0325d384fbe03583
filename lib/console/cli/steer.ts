/**
 * `controller pause web`, `resume` and `promote`: the operator's hand on a rollout that is under way.
 * @module
 */
import { onOff } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import type { Steered } from "../../wire/change.ts";
import { command, DRY_RUN } from "./command.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";

const words = [{ name: "service", kind: "service" }] as const;

export const pause = command({
  name: "pause",
  summary: "hold the rollout of a service where it is",
  details: "What has begun comes to its end, and no further replica is touched. An update that is paused doesn't fail.",
  words,
  flags: DRY_RUN,
  act: async (call) => {
    const { client, show, signal, flags: { dryRun } } = call;
    const name = given(call.words[0], "Cannot pause a rollout: say of which service");
    const steered = await client.pauseService({ name, query: { dry_run: dryRun } }, { signal });
    await show(steered, () => told(steered));
    if (dryRun) await noteRehearsal(call);
  },
});

export const resume = command({
  name: "resume",
  summary: "let a paused rollout go on",
  words,
  flags: DRY_RUN,
  act: async (call) => {
    const { client, show, signal, flags: { dryRun } } = call;
    const name = given(call.words[0], "Cannot resume a rollout: say of which service");
    const steered = await client.resumeService({ name, query: { dry_run: dryRun } }, { signal });
    await show(steered, () => told(steered));
    await (dryRun ? noteRehearsal(call) : call.note(watchHint(name)));
  },
});

export const promote = command({
  name: "promote",
  summary: "let what is tried take over: canaries, or the green side",
  details: "It has to be ready, so that no fewer replicas serve afterwards than before; --force goes on all the same.",
  words,
  flags: { force: onOff({ help: "Promote it though it isn't ready" }), ...DRY_RUN },
  act: async (call) => {
    const { client, show, signal, flags: { dryRun, force } } = call;
    const name = given(call.words[0], "Cannot promote: say which service");
    const steered = await client.promoteService({ name, query: { dry_run: dryRun, force } }, { signal });
    await show(steered, () => told(steered));
    await (dryRun ? noteRehearsal(call) : call.note(watchHint(name)));
  },
});

function told({ name, generation, rollout }: Steered): string {
  const how = rollout === null ? "" : `: ${rollout.phase}${rollout.paused ? ", paused" : ""}: ${rollout.reason}`;
  return `${printableLine(`${name}  generation ${generation}${how}`)}\n`;
}

function watchHint(name: string): string {
  return `To watch it: controller wait --for rollout ${name}`;
}
