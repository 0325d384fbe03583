import { assertEquals } from "@std/assert";
import { logSourceOf, type SourceOptions } from "../../../../lib/console/cli/streams/log_source.ts";
import type { Clock } from "../../../../lib/runtime/clock.ts";
import type { LogLine, ReplicaView } from "../../../../lib/wire/api.ts";
import { ApiRefusal } from "../../../../lib/wire/client/problem_error.ts";
import { replicaView, serviceView } from "../sample_cluster.ts";

const second: ReplicaView = replicaView({}, { id: "00000000-0000-4000-8000-00000000000b", node_name: "n2" });
const first = replicaView();

/** Time passes when somebody waits, and others get to do something meanwhile. */
function quickClock(): Clock {
  return {
    now: () => 0,
    wall: () => 0,
    sleep: async (_ms, { signal } = {}) => {
      await new Promise((resolve) => setTimeout(resolve, 0));
      signal?.throwIfAborted();
    },
  };
}

interface World {
  /** Those that are there, by turns: the next turn comes when the one before was looked at. */
  turns: ReplicaView[][];
  desired?: number;
}

/** A controller whose agents keep the streams of replicas open for ever, as they do. */
function clientIn({ turns, desired = 1 }: World): SourceOptions["client"] {
  let there = turns.shift() ?? [];
  const gone = () => new ApiRefusal({ type: "x", title: "x", status: 404, detail: "gone" });
  return {
    getService: () => Promise.resolve(serviceView({}, { desired })),
    readServiceLogs: () => {
      throw new Error("as nobody asks for it");
    },
    listReplicas: () => {
      const items = there;
      there = turns.shift() ?? there;
      return Promise.resolve({ items, next_cursor: null });
    },
    getReplica: ({ id }) => {
      const found = there.find((replica) => replica.id === id);
      there = turns.shift() ?? there;
      return found === undefined ? Promise.reject(gone()) : Promise.resolve(found);
    },
    readReplicaLogs: async function* ({ id, query }, { signal }): AsyncGenerator<LogLine> {
      yield { time: "2026-03-01T12:00:00.000Z", stream: "out", replica: id, line: `of ${id.at(-1)}, ${query?.tail}` };
      signal.throwIfAborted();
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  };
}

async function shown(called: string, world: World, count: number): Promise<string[]> {
  const leaving = new AbortController();
  const source = logSourceOf(called, {
    client: clientIn(world),
    query: {},
    signal: leaving.signal,
    clock: quickClock(),
  });
  await source.find();
  const lines: string[] = [];
  try {
    for await (const { stream, line } of source.read({ tail: 5, follow: true })) {
      lines.push(`${stream}: ${line}`);
      if (lines.length === count) leaving.abort();
    }
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
  }
  return lines;
}

Deno.test("a slot that is followed goes on with the replica that takes it next", async () => {
  const turns = [[first], [first], [first], [], [], [second]];
  assertEquals(await shown("web.0", { turns }, 3), [
    "out: of 1, 5",
    "muster: it goes on as another replica, on n2",
    "out: of b, 1000",
  ]);
});

Deno.test("a slot that there is no more ends, and so does a replica that was called by its id", async () => {
  const expected = ["out: of 1, 5", "muster: it is gone"];
  assertEquals(await shown("web.0", { turns: [[first], [first], []], desired: 0 }, 9), expected);
  assertEquals(await shown(first.id, { turns: [[first], [first], []] }, 9), expected);
});
