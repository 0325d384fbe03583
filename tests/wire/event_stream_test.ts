import { assertEquals } from "@std/assert";
import { readEventStream } from "../../lib/wire/event_stream.ts";

Deno.test("readEventStream() gives events with their names, and leaves comments and ids out", async () => {
  const text = ': hi\n\nid: 1\ndata: {"a":1}\n\nevent: gone\ndata:x\n\n: heartbeat\n\ndata: y: z\n\n';
  const stream = new Blob([text]).stream();
  const events = await Array.fromAsync(readEventStream(stream, { lineBytesMax: 100 }));
  assertEquals(events, [
    { name: "message", data: '{"a":1}' },
    { name: "gone", data: "x" },
    { name: "message", data: "y: z" },
  ]);
});

Deno.test("readEventStream() takes Unicode's own line ends, which JSON leaves as they are, for a part of the data", async () => {
  const data = JSON.stringify({ text: "a\u2028b\u2029c\u0085d" });
  const stream = new Blob([`data: ${data}\n\n`]).stream();
  assertEquals(await Array.fromAsync(readEventStream(stream, { lineBytesMax: 100 })), [{ name: "message", data }]);
});
