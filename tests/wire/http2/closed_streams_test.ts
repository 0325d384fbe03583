import { assertEquals } from "@std/assert";
import { ClosedStreams } from "../../../lib/wire/http2/closed_streams.ts";

Deno.test("ClosedStreams tells how a stream ended", () => {
  const closed = new ClosedStreams();
  closed.ended(1);
  closed.resetHere(3);
  assertEquals([1, 3, 5].map((id) => closed.hasEnded(id)), [true, false, false]);
  assertEquals([1, 3, 5].map((id) => closed.wasResetHere(id)), [false, true, false]);
  assertEquals([1, 3, 5].map((id) => closed.has(id)), [true, true, false]);
});

Deno.test("ClosedStreams remembers the last of them, and no more than it must", () => {
  const closed = new ClosedStreams();
  const ids = Array.from({ length: 1_000 }, (_, at) => 2 * at + 1);
  for (const id of ids) closed.ended(id);
  const remembered = ids.filter((id) => closed.hasEnded(id));
  assertEquals(remembered, ids.slice(-remembered.length));
  assertEquals(remembered.length >= 64 && remembered.length <= 128, true);
});
