/**
 * The lines of all replicas of a service as one stream: each line says whose it is. Replicas are read side by side and
 * their lines go out as they come; when lines are followed, replicas that come later join in, and one whose agent went
 * away is read again once it is back.
 * @module
 */
import { nameOf, type ReplicaState } from "../../cluster/replica.ts";
import { pause } from "../../runtime/clock.ts";
import { LogLine, type ServiceLogLine } from "../../wire/api.ts";
import { endedWith } from "../../wire/ended_with.ts";
import { readLines } from "../../wire/ndjson.ts";
import { NoAnswer } from "../agents/agent_client.ts";
import { Gate } from "../gate.ts";
import type { ApiContext } from "./context.ts";
import { replicasOf } from "./views.ts";

/** Replicas that are read side by side. */
const READ_MAX = 16;
const FOLLOWED_MAX = 200;
const LOOK_AGAIN_MS = 500;
const HEAD_MS = 5_000;
const LINE_BYTES_MAX = 1_024 * 1_024;
/** A replica that came while its service was followed is given from its beginning, up to so many lines. */
const BEGINNING_LINES_MAX = 1_000;

export interface ServiceLogsOptions {
  service: string;
  tail: number;
  follow: boolean;
  stream: string | undefined;
}

/** Newline-delimited `ServiceLogLine`s, until nobody reads them. */
export function serviceLogs(api: ApiContext, options: ServiceLogsOptions): ReadableStream<Uint8Array> {
  const closing = new AbortController();
  const { signal } = closing;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const reading: Reading = {
    ...options,
    api,
    signal,
    // It waits until the reader has taken what is before it, and fails only once the reader has left.
    write: (line) => writer.write(encoder.encode(`${JSON.stringify(line)}\n`)).catch(() => closing.abort()),
  };
  writer.closed.catch(() => {}).finally(() => closing.abort());
  const all = options.follow ? followAll(reading) : readAll(reading);
  // That the reader has left is no failure.
  all.then(() => writer.close()).catch((error) => signal.aborted ? undefined : writer.abort(error));
  return readable;
}

interface Reading extends ServiceLogsOptions {
  api: ApiContext;
  signal: AbortSignal;
  write: (line: ServiceLogLine) => Promise<void>;
}

async function readAll(reading: Reading): Promise<void> {
  const gate = new Gate(READ_MAX);
  const { tail } = reading;
  await Promise.all(present(reading).map((replica) => gate.pass(() => readOne(reading, { replica, tail, try: 1 }))));
}

async function followAll(reading: Reading): Promise<void> {
  const { api, signal } = reading;
  const followed = new Map<string, Promise<void>>();
  /** Lines of each replica that are yet to come first, and how often they were asked for. */
  const owed = new Map<string, { tail: number; tries: number }>();
  let first = true;
  while (!signal.aborted) {
    for (const replica of present(reading)) {
      const { id } = replica.record;
      if (followed.has(id) || followed.size >= FOLLOWED_MAX) continue;
      const { tail, tries } = owed.get(id) ?? { tail: first ? reading.tail : BEGINNING_LINES_MAX, tries: 0 };
      owed.set(id, { tail, tries: tries + 1 });
      const onReached = () => owed.set(id, { tail: 0, tries: 1 });
      followed.set(
        id,
        readOne(reading, { replica, tail, try: tries + 1, onReached }).finally(() => followed.delete(id)),
      );
    }
    first = false;
    await pause(api.clock, LOOK_AGAIN_MS, signal);
  }
  await Promise.all(followed.values());
}

function present({ api: { state }, service }: Reading): ReplicaState[] {
  const found = state.services.get(service);
  return found === undefined ? [] : replicasOf(state, found);
}

interface Asked {
  replica: ReplicaState;
  tail: number;
  /** 1 for the first. */
  try: number;
  /** Its agent answers: these lines are on their way. */
  onReached?: () => void;
}

async function readOne(reading: Reading, { replica, tail, try: tryNo, onReached }: Asked): Promise<void> {
  const { api, signal, follow, stream, write } = reading;
  const { id, slot, node } = replica.record;
  const name = nameOf(replica.record);
  const record = api.state.nodes.get(node)?.record;
  if (record === undefined) return;
  const query = new URLSearchParams({ tail: String(tail), follow: String(follow), ...(stream && { stream }) });
  try {
    const response = await api.client.request(record.url, `/v1/replicas/${id}/logs?${query}`, {
      signal,
      headMs: HEAD_MS,
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new NoAnswer(`it answers with status ${response.status}`);
    }
    onReached?.();
    for await (const text of readLines(endedWith(response.body, signal), { lineBytesMax: LINE_BYTES_MAX })) {
      const line = LogLine.safeParse(JSON.parse(text));
      if (line.success) await write({ ...line.data, name, slot });
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Error)) throw error;
    // While lines are followed it is tried again, and said once is enough.
    if (follow && tryNo > 1) return;
    const line = `node ${record.name} can't be asked for lines: ${error.message}`;
    const time = new Date(api.clock.wall()).toISOString();
    await write({ time, stream: "muster", replica: id, line, name, slot });
  }
}
