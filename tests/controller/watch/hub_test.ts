import { assertEquals } from "@std/assert";
import { History } from "../../../lib/controller/history.ts";
import { type HubSource, WatchHub } from "../../../lib/controller/watch/hub.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import type { WatchMessage } from "../../../lib/wire/watch.ts";
import { service } from "../../support/builders.ts";
import { LittleCluster } from "../../support/little_cluster.ts";

/** As many as make a snapshot of several pieces. */
const REPLICAS = 500;

/** A hub over a cluster that runs. It tells when the test has somebody begin to read, and not by itself. */
function startHub() {
  const cluster = LittleCluster.of(1, service("web", REPLICAS));
  cluster.settle();
  const { state } = cluster;
  const waits: never[] = [];
  const source: HubSource = {
    state,
    clock: systemClock,
    history: new History({ clock: systemClock, epoch: 1 }),
    waits: () => waits,
    leader: () => "http://127.0.0.1:8000",
    isStoreFull: () => false,
    until: () => new Promise(() => {}),
  };
  const hub = new WatchHub();
  const join = () => hub.join(source, { kind: "anyone" });
  const seen = (ready: boolean) => {
    const { observed, record } = cluster.replicas("web").at(-1)!;
    cluster.observe({ ...observed!, ready }, record.node);
  };
  return { hub, source, state, join, seen };
}

function messageIn(text: string): WatchMessage {
  return JSON.parse(/^data: (.*)$/m.exec(text)![1]!);
}

function whole(pieces: Iterable<{ text: string }>): WatchMessage {
  return messageIn([...pieces].map(({ text }) => text).join(""));
}

Deno.test("what changes back and forth while a snapshot is read is told after it", () => {
  const { join, seen } = startHub();
  using first = join();
  whole(first.snapshot(undefined));
  using reader = join();
  seen(false);
  seen(true);
  const pieces = reader.snapshot(undefined);
  const texts = [pieces.next().value!.text];
  // It was told to the others that the replica is ready; now it is not, which this snapshot shows.
  seen(false);
  texts.push(...[...pieces].map(({ text }) => text));
  const { replicas } = messageIn(texts.join(""));
  assertEquals([texts.length > 2, replicas.at(-1)?.ready], [true, false]);
  seen(true);
  using other = join();
  whole(other.snapshot(undefined));
  const told = messageIn(reader.take()!.text);
  assertEquals(told.replicas.map(({ ready }) => ready), [true]);
});

Deno.test("what was there before a snapshot is not told to its reader once more", () => {
  const { join, seen } = startHub();
  using first = join();
  whole(first.snapshot(undefined));
  seen(false);
  using second = join();
  assertEquals(whole(second.snapshot(undefined)).replicas.at(-1)?.ready, false);
  assertEquals([messageIn(first.take()!.text).replicas.length, second.take()], [1, undefined]);
});

Deno.test("a hub that nobody watches any more leaves the core alone", () => {
  const { hub, join, state } = startHub();
  const watching = [join(), join()];
  assertEquals([hub.size, state.touched !== undefined], [2, true]);
  for (const one of watching) one[Symbol.dispose]();
  assertEquals([hub.size, state.touched], [0, undefined]);
});

Deno.test("when a change can't be told, all streams end, and who comes back begins anew", async () => {
  const { hub, source, join, seen } = startHub();
  const { waits } = source;
  const changed = Promise.withResolvers<void>();
  source.until = () => changed.promise;
  using reader = join();
  whole(reader.snapshot(undefined));
  const news = reader.news();
  seen(false);
  source.waits = () => {
    throw new Error("a bug");
  };
  changed.resolve();
  await news;
  assertEquals([reader.hasEnded, hub.size], [true, 0]);
  source.waits = waits;
  source.until = () => new Promise(() => {});
  using again = join();
  assertEquals(whole(again.snapshot(undefined)).replicas.at(-1)?.ready, false);
});
