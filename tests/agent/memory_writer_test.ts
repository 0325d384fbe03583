import { assertEquals } from "@std/assert";
import type { Memory } from "../../lib/agent/session/effect.ts";
import { MemoryWriter } from "../../lib/agent/memory_writer.ts";
import type { Clock } from "../../lib/runtime/clock.ts";

const memoryAt = (revision: number): Memory => ({ cluster: null, epoch: 1, revision, node: "n1", replicas: [] });

/** A writer on a disk that takes nothing until it is let; `tried` are the revisions, in order. */
function scene() {
  const tried: number[] = [];
  const room = Promise.withResolvers<void>();
  let isFull = true;
  const clock: Clock = { now: () => 0, wall: () => 0, sleep: () => room.promise };
  const save = ({ revision }: Memory) => {
    tried.push(revision);
    return isFull ? Promise.reject(new Error("no space left")) : Promise.resolve();
  };
  const { signal } = new AbortController();
  const makeRoom = () => {
    isFull = false;
    room.resolve();
  };
  return { writer: new MemoryWriter({ clock, save, signal }), tried, makeRoom };
}

Deno.test("MemoryWriter tries only the newest memory again, and all who wait are told with it", async () => {
  const { writer, tried, makeRoom } = scene();
  const saved = [1, 2, 3].map((revision) => writer.remember(memoryAt(revision)));
  await Promise.resolve();
  saved.push(writer.remember(memoryAt(4)));
  assertEquals(tried, [1]);
  makeRoom();
  await Promise.all(saved);
  assertEquals(tried, [1, 4]);
  await writer.remember(memoryAt(5));
  assertEquals(tried, [1, 4, 5]);
});

Deno.test("MemoryWriter tells nobody before his memory is written, though an older one is", async () => {
  const told: number[] = [];
  const writes: PromiseWithResolvers<void>[] = [];
  const save = () => {
    const write = Promise.withResolvers<void>();
    writes.push(write);
    return write.promise;
  };
  const clock: Clock = { now: () => 0, wall: () => 0, sleep: () => Promise.resolve() };
  const writer = new MemoryWriter({ clock, save, signal: new AbortController().signal });
  const saved = [1, 2].map((revision) => writer.remember(memoryAt(revision)).then(() => told.push(revision)));
  writes[0]?.resolve();
  await saved[0];
  assertEquals([told, writes.length], [[1], 2]);
  writes[1]?.resolve();
  await saved[1];
  assertEquals(told, [1, 2]);
});
