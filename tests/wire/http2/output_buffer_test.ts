import { assertEquals } from "@std/assert";
import { FrameType } from "../../../lib/wire/http2/frames.ts";
import { OutputBuffer } from "../../../lib/wire/http2/output_buffer.ts";
import { END_STREAM, framesIn } from "./frames.ts";

function writeData(output: OutputBuffer, stream: number, length: number): void {
  output.frame(FrameType.DATA, { length, stream });
  output.bytes(new Uint8Array(length));
  output.markMessageFrame(stream, length + 9);
}

Deno.test("OutputBuffer gives all frames at once, and what was given is not written to again", () => {
  const output = new OutputBuffer();
  writeData(output, 0x7fff_ffff, 3_000);
  output.frame(FrameType.PING, { length: 8 });
  output.uint32(1);
  output.uint16(2);
  output.latin1("\xff\x00");
  const taken = output.take();
  writeData(output, 1, 10);
  const [data, ping] = framesIn(taken);
  assertEquals([data!.stream, data!.payload.length], [0x7fff_ffff, 3_000]);
  assertEquals([...ping!.payload], [0, 0, 0, 1, 0, 2, 0xff, 0]);
  assertEquals([output.take().length, output.take().length], [19, 0]);
});

Deno.test("OutputBuffer.endLastFrame() ends the last frame of a message, and no other", () => {
  const output = new OutputBuffer();
  writeData(output, 1, 1);
  assertEquals([output.endLastFrame(3), output.endLastFrame(1), output.endLastFrame(1)], [false, true, false]);
  writeData(output, 3, 1);
  output.frame(FrameType.PING, { length: 0 });
  assertEquals(output.endLastFrame(3), false);
  assertEquals(framesIn(output.take()).map(({ flags }) => flags), [END_STREAM, 0, 0]);
  writeData(output, 5, 1);
  output.take();
  assertEquals(output.endLastFrame(5), false);
});
