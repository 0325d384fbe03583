import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FRAME_BYTES_MAX, HEADER_BYTES } from "../../../lib/wire/http2/frames.ts";
import { FrameReader } from "../../../lib/wire/http2/frame_reader.ts";
import { frame, join } from "./frames.ts";

const frames = fc.array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(0x7fff_ffff), fc.uint8Array({ maxLength: 300 })));

Deno.test("FrameReader gives the same frames however they are pushed, read at once or later", () => {
  fc.assert(fc.property(frames, fc.array(fc.tuple(fc.nat(400), fc.boolean())), (sent, pieces) => {
    const bytes = join(...sent.map((parts) => frame(...parts)));
    const reader = new FrameReader();
    const got: typeof sent = [];
    let from = 0;
    for (const [size, isRead] of [...pieces, [bytes.length, true] as const]) {
      const piece = bytes.slice(from, from + size);
      reader.push(piece);
      from += size;
      if (isRead) read(reader, got);
      reader.detach();
      piece.fill(0xee);
    }
    read(reader, got);
    assertEquals(got, sent);
    assertEquals(reader.buffered, 0);
  }));
});

Deno.test("FrameReader copies no more than the frame that is divided between two reads", () => {
  const reader = new FrameReader();
  const bytes = join(frame(0, 0, 1, new Uint8Array(100)), frame(0, 0, 1, new Uint8Array(100)));
  reader.push(bytes.subarray(0, 50));
  assertEquals(reader.next(), undefined);
  reader.detach();
  const rest = bytes.subarray(50);
  reader.push(rest);
  const [first, second] = [reader.next(), reader.next()];
  assert(first !== undefined && "payload" in first && second !== undefined && "payload" in second);
  assert(first.payload.buffer !== rest.buffer && second.payload.buffer === rest.buffer);
});

Deno.test("FrameReader refuses a frame that is too large before it has come", () => {
  const reader = new FrameReader();
  reader.push(frame(0, 0, 1, new Uint8Array(FRAME_BYTES_MAX + 1)).subarray(0, HEADER_BYTES));
  const fault = reader.next();
  assert(fault !== undefined && "kind" in fault);
});

function read(reader: FrameReader, got: [number, number, number, Uint8Array][]): void {
  for (let next = reader.next(); next !== undefined; next = reader.next()) {
    assert(!("kind" in next));
    got.push([next.type, next.flags, next.stream, next.payload.slice()]);
  }
}
