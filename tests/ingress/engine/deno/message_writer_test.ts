import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { MessageWriter } from "../../../../lib/ingress/engine/deno/message_writer.ts";
import { decodeLatin1, encodeLatin1 } from "../../../../lib/wire/http1/octets.ts";

/** Keeps what is written to it, and how often something was. */
function recorder({ takes = Infinity } = {}) {
  const written: string[] = [];
  return {
    written,
    write(bytes: Uint8Array) {
      if (written.length >= takes) return Promise.resolve(false);
      written.push(decodeLatin1(bytes));
      return Promise.resolve(true);
    },
  };
}

Deno.test("a small message goes out in one piece, and nothing goes out twice", async () => {
  const writer = new MessageWriter();
  const sink = recorder();
  writer.head("head\r\n\r\n", { isChunked: false });
  writer.data(encodeLatin1("body"));
  writer.end([]);
  assertEquals(await writer.sendTo(sink), true);
  assertEquals(await writer.sendTo(sink), true);
  assertEquals(sink.written, ["head\r\n\r\nbody"]);
});

Deno.test("what has been taken back never goes out, and the next message begins anew", async () => {
  const writer = new MessageWriter();
  const sink = recorder();
  writer.head("one", { isChunked: true });
  writer.data(encodeLatin1("secret"));
  writer.takeBack();
  writer.head("two", { isChunked: false });
  await writer.sendTo(sink);
  assertEquals(sink.written, ["two"]);
});

Deno.test("large content goes out as it is, in its place", async () => {
  const writer = new MessageWriter();
  const sink = recorder();
  writer.head("head", { isChunked: true });
  writer.data(new Uint8Array(100_000).fill(0x61));
  writer.data(encodeLatin1("b"));
  writer.end([["a", "b"]]);
  assertEquals(await writer.sendTo(sink), true);
  assertEquals(sink.written, ["head186a0\r\n", "a".repeat(100_000), "\r\n1\r\nb\r\n0\r\na: b\r\n\r\n"]);
});

Deno.test("sendTo() stops where nothing is taken any more", async () => {
  const writer = new MessageWriter();
  const sink = recorder({ takes: 1 });
  writer.head("head", { isChunked: false });
  writer.data(new Uint8Array(100_000));
  assertEquals(await writer.sendTo(sink), false);
  assertEquals(sink.written, ["head"]);
});

Deno.test("property: messages that are written at once never get each other's bytes", async () => {
  const message = fc.record({
    head: fc.string({ unit: "binary-ascii" }),
    sizes: fc.array(fc.nat(40_000), { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 5 }), async (messages) => {
      const sent = messages.map(async ({ head, sizes }, at) => {
        const [writer, sink] = [new MessageWriter(), recorder()];
        writer.head(head, { isChunked: false });
        for (const size of sizes) writer.data(new Uint8Array(size).fill(at));
        await Promise.resolve();
        await writer.sendTo(sink);
        return sink.written.join("");
      });
      const expected = messages.map(({ head, sizes }, at) =>
        head + String.fromCharCode(at).repeat(sizes.reduce((sum, size) => sum + size, 0))
      );
      assertEquals(await Promise.all(sent), expected);
    }),
    { numRuns: 30 },
  );
});
