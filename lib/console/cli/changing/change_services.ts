/**
 * How specs become what runs, for `plan`, `apply` and `deploy`: the plan is shown, somebody agrees, the specs are applied
 * if nobody was faster, and what that sets going is followed to its end.
 * @module
 */
import type { FlagTable } from "../../../runtime/flag.ts";
import { systemRandom } from "../../../runtime/random.ts";
import type { Client } from "../../../wire/client/client.ts";
import { ifThere } from "../../../wire/client/if_there.ts";
import type { Applied, Planned } from "../../../wire/change.ts";
import { isNothing, isUnplaceable, planPage } from "../../render/plan_page.ts";
import type { CommandCall } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import type { Goal } from "../follow/follow.ts";
import { type FollowCall, followUntil } from "../follow/follow_until.ts";
import type { GivenSpecs } from "./spec_files.ts";

/** A large service is played through for seconds. */
const PLAN_MS = 120_000;

/** Of a command's call what changing takes. */
export type ChangeCall = FollowCall & Pick<CommandCall<FlagTable>, "output" | "show" | "out" | "confirm">;

/** Says what the specs would change; gives the exit code. `beforeUpload`: what they run may be lacking as yet. */
export async function showPlan(
  { client, show, signal }: Pick<ChangeCall, "client" | "show" | "signal">,
  { body, beforeUpload = false }: Pick<GivenSpecs, "body"> & { beforeUpload?: boolean },
): Promise<number> {
  const query = beforeUpload ? { before_upload: true } : {};
  const planned = await client.plan({ body, query }, { signal, answerMs: PLAN_MS });
  await show(planned, (screen) => planPage(planned, screen));
  return codeOf(planned);
}

/** Changes what the specs change, once it is agreed to; gives the exit code. */
export async function changeServices(call: ChangeCall, { names, body }: GivenSpecs): Promise<number> {
  const { client, signal, output, quiet, out, errors, show, confirm, note } = call;
  const ifMatch = await revisionOf(client, names, signal);
  const planned = await client.plan({ body }, { signal, answerMs: PLAN_MS });
  // Where the data is for a program, a person may still be asked, and has to see what about.
  const screen = output === "table" ? out : errors;
  if (output === "table" || !quiet) await screen.write(planPage(planned, screen));
  if (isNothing(planned)) {
    // A program gets the answer that it asked for, which says that nothing is other.
    if (output !== "table") await show(await client.apply({ body }, { signal }), () => "");
    return codeOf(planned);
  }
  const question = isUnplaceable(planned) ? "Apply this, though not all of it has a place?" : "Apply this?";
  if (!await confirm(question)) {
    await note("Nothing was changed.");
    return EXIT.failure;
  }
  const condition = ifMatch === undefined ? {} : { ifMatch };
  const applied = await client.apply({ body, ...condition, idempotencyKey: systemRandom.uuid() }, { signal });
  await show(applied, () => "");
  return await followUntil(call, applied.services.flatMap(goalsOf));
}

function codeOf(planned: Planned): number {
  return isUnplaceable(planned) ? EXIT.unplaceable : EXIT.fine;
}

/** Of a single service, so that it is changed from what the plan was made of, or not at all. */
async function revisionOf(client: Client, names: readonly string[], signal: AbortSignal): Promise<number | undefined> {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) return undefined;
  return (await ifThere(client.getService({ name }, { signal })))?.revision;
}

function goalsOf({ name: service, outcome, generation, desired }: Applied["services"][number]): Goal[] {
  if (outcome === "unchanged") return [];
  return outcome === "scaled" ? [{ kind: "scaled", service, desired }] : [{ kind: "release", service, generation }];
}
