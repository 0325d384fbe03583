import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { readBytes } from "../../../lib/controller/api/body.ts";

/** A request whose body is sent by hand. */
function slowRequest(): { request: Request; sender: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> } {
  let sender: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => void (sender = controller) });
  return { request: new Request("http://controller/", { method: "PUT", body }), sender: sender! };
}

Deno.test("readBytes() gives a body that comes slowly more time for what has come", async () => {
  const { request, sender } = slowRequest();
  const asked = Promise.withResolvers<void>();
  const reading = readBytes(request, {
    bytesMax: 10,
    waitMsAfter: (bytes) => {
      if (bytes > 0) asked.resolve();
      return bytes === 0 ? 20 : 60_000;
    },
  });
  sender.enqueue(new Uint8Array([1]));
  await asked.promise;
  sender.enqueue(new Uint8Array([2]));
  sender.close();
  assertEquals(await reading, new Uint8Array([1, 2]));
});

Deno.test("readBytes() ends the wait for a body that stands still", async () => {
  const { request, sender } = slowRequest();
  sender.enqueue(new Uint8Array([1]));
  const answer = await readBytes(request, { bytesMax: 10, waitMsAfter: () => 20 });
  assertInstanceOf(answer, Response);
  assertEquals(answer.status, 408);
  assertStringIncludes(await answer.text(), "did not come within");
});
