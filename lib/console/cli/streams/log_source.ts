/**
 * Whose lines `logs` shows: all of a service, or one replica's, called by its slot or its id. What is followed by its slot
 * goes on with the replica that takes that slot next, on whichever node that is.
 * @module
 */
import { type Clock, systemClock } from "../../../runtime/clock.ts";
import type { ReplicaView, ServiceLogLine } from "../../../wire/api.ts";
import type { Client } from "../../../wire/client/client.ts";
import { ApiRefusal, Unreachable } from "../../../wire/client/problem_error.ts";
import { NotFoundError } from "../exit_code.ts";
import { isReplicaName, resolveReplica } from "../changing/resolve_replica.ts";

export interface LogSource {
  /** Makes sure that it is there. */
  find(): Promise<void>;
  read(asked: Asked): AsyncIterable<ServiceLogLine>;
}

interface Asked {
  tail: number;
  follow: boolean;
}

export interface SourceOptions {
  client: Pick<Client, "getService" | "readServiceLogs" | "getReplica" | "listReplicas" | "readReplicaLogs">;
  query: { stream?: string };
  signal: AbortSignal;
  clock?: Clock;
}

/** How often one looks whether a replica that is followed is still there. */
const LOOK_AGAIN_MS = 2_000;
/** Of a replica that came while its slot was followed, so many lines from its beginning. */
const BEGINNING_LINES_MAX = 1_000;

/** What that name means. */
export function logSourceOf(called: string, options: SourceOptions): LogSource {
  if (isReplicaName(called)) return ofReplica(called, options);
  const { client, query, signal } = options;
  return {
    find: async () => void await client.getService({ name: called }, { signal }),
    read: (asked) => client.readServiceLogs({ name: called, query: { ...query, ...asked } }, { signal }),
  };
}

function ofReplica(called: string, options: SourceOptions): LogSource {
  const { client, signal } = options;
  let found: ReplicaView | undefined;
  return {
    find: async () => {
      found = await resolveReplica(client, called, { signal });
    },
    read: async function* (asked) {
      const replica = found ?? await resolveReplica(client, called, { signal });
      yield* asked.follow
        ? followed(called, replica, { ...options, ...asked })
        : lines(replica, { ...options, ...asked });
    },
  };
}

async function* lines(
  { id, name, slot }: ReplicaView,
  { client, query, tail, follow, signal }: SourceOptions & Asked,
): AsyncGenerator<ServiceLogLine> {
  for await (const line of client.readReplicaLogs({ id, query: { ...query, tail, follow } }, { signal })) {
    yield { ...line, name, slot };
  }
}

/** An agent keeps the log of a replica that is gone: that nothing more will come has to be asked. */
async function* followed(
  called: string,
  first: ReplicaView,
  options: SourceOptions & Asked,
): AsyncGenerator<ServiceLogLine> {
  const { signal, clock = systemClock } = options;
  let [replica, tail] = [first, options.tail];
  while (true) {
    const leaving = new AbortController();
    const own = AbortSignal.any([signal, leaving.signal]);
    const watching = untilGone(replica, { ...options, signal: own }).then(() => leaving.abort());
    try {
      yield* lines(replica, { ...options, tail, signal: own });
    } catch (error) {
      if (signal.aborted || !leaving.signal.aborted) throw error;
    } finally {
      leaving.abort();
      await watching;
    }
    const next = await successorOf(called, { ...options, clock });
    const where = next === undefined ? "it is gone" : `it goes on as another replica, on ${next.node_name}`;
    const time = new Date(clock.wall()).toISOString();
    yield { time, stream: "muster", replica: replica.id, name: replica.name, slot: replica.slot, line: where };
    if (next === undefined) return;
    [replica, tail] = [next, BEGINNING_LINES_MAX];
  }
}

/** Resolves when the controller knows it no more, or nobody wants to know. */
async function untilGone(
  { id }: ReplicaView,
  { client, signal, clock = systemClock }: SourceOptions,
): Promise<void> {
  try {
    while (true) {
      await clock.sleep(LOOK_AGAIN_MS, { signal });
      if (!await isThere(() => client.getReplica({ id }, { signal }))) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A controller that is away doesn't say that it isn't. */
async function isThere(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (error instanceof ApiRefusal) return error.problem.status !== 404;
    if (error instanceof Unreachable) return true;
    throw error;
  }
}

/** What takes its slot; an id has none. While the service is there somebody will, unless there are fewer slots now. */
async function successorOf(
  called: string,
  { client, signal, clock }: SourceOptions & { clock: Clock },
): Promise<ReplicaView | undefined> {
  const [service = "", slot] = called.split(".");
  if (slot === undefined) return undefined;
  while (true) {
    try {
      return await resolveReplica(client, called, { signal });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    const { desired, removed } = await client.getService({ name: service }, { signal });
    if (removed || Number(slot) >= desired) return undefined;
    await clock.sleep(LOOK_AGAIN_MS, { signal });
  }
}
