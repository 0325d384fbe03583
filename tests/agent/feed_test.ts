import { assert, assertEquals } from "@std/assert";
import { Feed } from "../../lib/agent/feed.ts";
import type { Observation } from "../../lib/cluster/replica.ts";
import type { FeedLine } from "../../lib/wire/protocol.ts";

const IDENTITY = "22222222-2222-4222-8222-222222222222";

function observation(replica: string, phase: Observation["phase"] = "running"): Observation {
  return {
    replica,
    service: "web",
    slot: 0,
    instance: null,
    phase,
    ready: false,
    pid: null,
    port: null,
    ports: {},
    started_at: null,
    restarts: 0,
    crashes: 0,
    exit: null,
    reason: "",
    last_words: [],
  };
}

function newFeed(): { feed: Feed; audience: number[] } {
  const audience: number[] = [];
  return {
    feed: new Feed({ identity: IDENTITY, firstSeq: 100, onAudience: (count) => audience.push(count) }),
    audience,
  };
}

const listen = (feed: Feed, signal = new AbortController().signal) => feed.lines({ signal });
const next = async (lines: AsyncGenerator<FeedLine>) => (await lines.next()).value as FeedLine;

Deno.test("Feed begins with all that is known, goes on with changes and ends with the goodbye", async () => {
  const { feed, audience } = newFeed();
  feed.tell({ kind: "observation", observation: observation("a") });
  feed.tell({ kind: "observation", observation: observation("b") });
  feed.tell({ kind: "gone", replica: "b" });
  const lines = listen(feed);
  assertEquals(await next(lines), { kind: "snapshot", seq: 103, identity: IDENTITY, replicas: [observation("a")] });
  feed.tell({ kind: "observation", observation: observation("a", "exited") });
  feed.goodbye("drained");
  assertEquals((await next(lines)).kind, "observation");
  assertEquals(await next(lines), { kind: "goodbye", seq: 105, replicas: "drained" });
  assertEquals((await lines.next()).done, true);
  assertEquals((await listen(feed).next()).done, true);
  assertEquals(audience, [1, 0]);
});

Deno.test("Feed cuts off a listener that does not keep up, and no other", async () => {
  const { feed, audience } = newFeed();
  const slow = listen(feed);
  await next(slow);
  for (let count = 0; count < 1_001; count++) feed.tell({ kind: "observation", observation: observation("a") });
  assertEquals(audience, [1, 0]);
  assertEquals((await slow.next()).done, true);
  const again = listen(feed);
  assertEquals((await next(again)).kind, "snapshot");
  await again.return(undefined);
});

Deno.test("Feed lets go of a listener that leaves while it waits", async () => {
  const { feed, audience } = newFeed();
  const leaving = new AbortController();
  const lines = listen(feed, leaving.signal);
  await next(lines);
  const waiting = lines.next();
  leaving.abort();
  assertEquals((await waiting).done, true);
  assertEquals(audience, [1, 0]);
});

Deno.test("Feed's heartbeat goes to everybody each second", async () => {
  const { feed } = newFeed();
  const lines = listen(feed);
  await next(lines);
  const line = await next(lines);
  assert(line.kind === "heartbeat" && line.seq === 101);
  await lines.return(undefined);
});
