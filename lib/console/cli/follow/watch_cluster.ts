/**
 * How a command gets to see the cluster change: it watches, or asks each second where the controller is too old for
 * that. A controller that goes away for a moment, as for its own update, is waited for.
 * @module
 */
import { systemClock } from "../../../runtime/clock.ts";
import type { Client } from "../../../wire/client/client.ts";
import { ifThere } from "../../../wire/client/if_there.ts";
import { allPages } from "../../../wire/client/pages.ts";
import { ApiRefusal, Unreachable } from "../../../wire/client/problem_error.ts";
import { emptySight, type Sight, takeIn } from "./sight.ts";

/** For how long a controller may be away before that is the end. */
const AWAY_MAX_MS = 60_000;
const AGAIN_MS = 1_000;
const ASK_EVERY_MS = 1_000;

/** What is asked about, one by one, where nothing can be watched. */
export interface Subjects {
  services: readonly string[];
  nodes: readonly string[];
}

type Look = (client: Client, looking: Looking) => AsyncGenerator<void>;

interface Looking {
  subjects: Subjects;
  sight: Sight;
  signal: AbortSignal;
}

/** The one sight, again and again: whenever something has changed in it. */
export async function* watchCluster(
  client: Client,
  subjects: Subjects,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<Sight> {
  const sight = emptySight();
  let look: Look = watched;
  let lastSeenMs = systemClock.now();
  while (true) {
    try {
      for await (const _ of look(client, { subjects, sight, signal })) {
        lastSeenMs = systemClock.now();
        sight.away = null;
        yield sight;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (look === watched && error instanceof ApiRefusal && error.problem.status === 404) {
        look = asked;
        continue;
      }
      if (!isPassing(error) || systemClock.now() - lastSeenMs > AWAY_MAX_MS) throw error;
      sight.away = error.message;
      yield sight;
    }
    await systemClock.sleep(AGAIN_MS, { signal });
  }
}

async function* watched(client: Client, { sight, signal }: Looking): AsyncGenerator<void> {
  for await (const message of client.watch({}, { signal })) {
    takeIn(sight, message);
    yield;
  }
}

async function* asked(client: Client, { subjects, sight, signal }: Looking): AsyncGenerator<void> {
  while (true) {
    for (const name of subjects.services) {
      const service = await ifThere(client.getService({ name }, { signal }));
      const replicas = await ifThere(
        allPages((query) => client.listReplicas({ query: { ...query, service: name } }, { signal })),
      );
      if (service === undefined) sight.services.delete(name);
      else sight.services.set(name, service);
      for (const { id, service: of } of sight.replicas.values()) if (of === name) sight.replicas.delete(id);
      for (const replica of replicas ?? []) sight.replicas.set(replica.id, replica);
    }
    for (const id of subjects.nodes) {
      const node = await ifThere(client.getNode({ id }, { signal }));
      if (node === undefined) sight.nodes.delete(id);
      else sight.nodes.set(id, node);
    }
    yield;
    await systemClock.sleep(ASK_EVERY_MS, { signal });
  }
}

/** Whether it may be over in a moment. */
function isPassing(error: unknown): error is Error {
  return error instanceof Unreachable ||
    (error instanceof ApiRefusal && (error.problem.status >= 500 || error.problem.status === 429));
}
