/**
 * A replica as people call it: `web.2` is the replica in slot 2 of web, and of several there the one that is to stay.
 * An id is good, too.
 * @module
 */
import type { ReplicaView } from "../../../wire/api.ts";
import type { Client } from "../../../wire/client/client.ts";
import { allPages } from "../../../wire/client/pages.ts";
import { NotFoundError, UsageError } from "../exit_code.ts";
import { isLeaving } from "../follow/standing.ts";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NAME = /^([a-z0-9-]{1,63})\.(\d{1,8})$/;
const KNOWN_SHOWN = 20;

/** Whether a word means a replica rather than a service. */
export function isReplicaName(word: string): boolean {
  return word.includes(".") || ID.test(word);
}

/** The replica that is called so. */
export async function resolveReplica(
  client: Pick<Client, "getReplica" | "listReplicas">,
  called: string,
  { signal }: { signal: AbortSignal },
): Promise<ReplicaView> {
  if (ID.test(called)) return await client.getReplica({ id: called }, { signal });
  const [, service, slot] = NAME.exec(called) ?? [];
  if (service === undefined) {
    throw new UsageError(`Cannot use "${called}" as a replica: expected <service>.<slot> such as web.0, or an id`);
  }
  const replicas = await allPages((query) => client.listReplicas({ query: { ...query, service } }, { signal }));
  const inSlot = replicas.filter((replica) => replica.slot === Number(slot)).sort((a, b) => b.fence - a.fence);
  const found = inSlot.find((replica) => !isLeaving(replica)) ?? inSlot[0];
  if (found !== undefined) return found;
  const known = [...new Set(replicas.map(({ name }) => name))].slice(0, KNOWN_SHOWN);
  throw new NotFoundError(
    `Cannot find the replica ${called}: ` +
      (known.length === 0 ? `${service} has none now` : `${service} has ${known.join(", ")}`),
  );
}
