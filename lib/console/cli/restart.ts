/**
 * `controller restart web`: new processes take over, replica by replica, and none is missed. `controller restart web.2`
 * starts that one replica anew, in its place.
 * @module
 */
import { systemRandom } from "../../runtime/random.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { command, type CommandCall, DRY_RUN } from "./command.ts";
import { FOLLOW, followUntil } from "./follow/follow_until.ts";
import { given } from "./changing/given.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";
import { isReplicaName, resolveReplica } from "./changing/resolve_replica.ts";

const FLAGS = { ...FOLLOW, ...DRY_RUN };

export const restart = command({
  name: "restart",
  summary: "have new processes take over, of a service or of one replica",
  details: "A service is restarted like it is updated: a new generation of the same spec, rolled out by its update " +
    "rules. A single replica is restarted in its place, and is away for that moment.",
  words: [{ name: "service|replica", kind: "service or replica" }],
  flags: FLAGS,
  examples: [
    { line: "controller restart web", does: "all of web, one by one" },
    { line: "controller restart web.2", does: "one replica, in its place" },
  ],
  act: async (call) => {
    const called = given(call.words[0], "Cannot restart: say what, a service such as web or a replica such as web.2");
    return isReplicaName(called) ? await restartReplica(call, called) : await restartService(call, called);
  },
});

async function restartService(call: CommandCall<typeof FLAGS>, name: string): Promise<number | void> {
  const { client, show, signal, flags: { dryRun } } = call;
  const idempotencyKey = systemRandom.uuid();
  const answer = await client.restartService({ name, query: { dry_run: dryRun }, idempotencyKey }, { signal });
  const { generation, revision } = answer;
  await show(
    answer,
    () => `${printableLine(name)}: restarts as generation ${generation}, as of revision ${revision}\n`,
  );
  if (dryRun) return await noteRehearsal(call);
  return await followUntil(call, [{ kind: "release", service: name, generation }]);
}

async function restartReplica(call: CommandCall<typeof FLAGS>, called: string): Promise<number | void> {
  const { client, show, signal, flags: { dryRun } } = call;
  const { id, service, instance } = await resolveReplica(client, called, { signal });
  const idempotencyKey = systemRandom.uuid();
  const answer = await client.restartReplica({ id, query: { dry_run: dryRun }, idempotencyKey }, { signal });
  const { name, revision } = answer;
  await show(answer, () => `${printableLine(name)}: restarts, as of revision ${revision}\n`);
  if (dryRun) return await noteRehearsal(call);
  return await followUntil(call, [{ kind: "restarted", service, replica: id, name, instance }]);
}
