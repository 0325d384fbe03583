import { assert, assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/wire/http2/error_code.ts";
import { Flag, FRAME_BYTES_MAX, FrameType, WINDOW_INITIAL } from "../../../lib/wire/http2/frames.ts";
import { Sender } from "../../../lib/wire/http2/sender.ts";
import { Stream } from "../../../lib/wire/http2/stream.ts";
import { framesIn } from "./frames.ts";

function makeSender(outputBytesMax = 1 << 20): { sender: Sender; told: string[] } {
  const told: string[] = [];
  const sender = new Sender({
    outputBytesMax,
    onEnd: ({ id }) => told.push(`end ${id}`),
    onDrain: ({ id }) => told.push(`drain ${id}`),
  });
  return { sender, told };
}

const makeStream = (id: number, sendWindow = WINDOW_INITIAL) => new Stream(id, { sendWindow, receiveWindow: 0 });
const sizes = (bytes: Uint8Array) => framesIn(bytes).map(({ stream, payload }) => [stream, payload.length]);

Deno.test("Sender stays within a stream's window, and goes on where it stopped", () => {
  const { sender, told } = makeSender();
  const stream = makeStream(1, 5);
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7);
  assertEquals(sender.data(stream, bytes), "wait");
  bytes.fill(0);
  sender.end(stream, []);
  assertEquals(sizes(sender.take()), [[1, 5]]);
  assertEquals(sizes(sender.take()), []);
  assertEquals(sender.openStreamWindow(stream, 10), undefined);
  const [rest] = framesIn(sender.take());
  assertEquals([[...rest!.payload], rest!.flags, told], [[6, 7], Flag.END_STREAM, ["end 1"]]);
});

Deno.test("Sender stays within the connection's window, and then serves the streams in turn", () => {
  const { sender, told } = makeSender();
  const [one, three] = [makeStream(1, 1 << 20), makeStream(3, 1 << 20)];
  assertEquals(sender.data(one, new Uint8Array(WINDOW_INITIAL + 40_000)), "wait");
  assertEquals(sender.data(three, new Uint8Array(20_000)), "wait");
  assertEquals(sizes(sender.take()).reduce((sum, [, length]) => sum + length!, 0), WINDOW_INITIAL);
  sender.openWindow(1 << 20);
  assertEquals(sizes(sender.take()), [[1, 16_384], [3, 16_384], [1, 16_384], [3, 3_616], [1, 7_232]]);
  assertEquals(told, ["drain 3", "drain 1"]);
});

Deno.test("Sender lets nobody pass by those who wait", () => {
  const { sender } = makeSender(20_000);
  sender.openWindow(1 << 20);
  const [one, three] = [makeStream(1, 1 << 20), makeStream(3, 1 << 20)];
  sender.data(one, new Uint8Array(60_000));
  assertEquals(sizes(sender.output.take()), [[1, 16_384], [1, 16_384]]);
  assertEquals(sender.data(three, new Uint8Array(10)), "wait");
  assertEquals(sizes(sender.take()), [[1, 16_384], [3, 10], [1, 10_848]]);
});

Deno.test("Sender makes one write no larger than it should be", () => {
  const { sender } = makeSender(50_000);
  sender.openWindow(1 << 20);
  const stream = makeStream(1, 1 << 20);
  assertEquals(sender.data(stream, new Uint8Array(200_000)), "wait");
  assert(sender.isFull);
  let total = 0;
  for (let bytes = sender.take(); bytes.length > 0; bytes = sender.take()) {
    assert(bytes.length < 50_000 + FRAME_BYTES_MAX + 9);
    total += sizes(bytes).reduce((sum, [, length]) => sum + length!, 0);
  }
  assertEquals(total, 200_000);
});

Deno.test("Sender obeys windows that are made smaller, below zero too", () => {
  const { sender } = makeSender();
  const stream = makeStream(1, 100);
  assertEquals(sender.data(stream, new Uint8Array(150)), "wait");
  sender.take();
  sender.resizeWindows(WINDOW_INITIAL - 50, [stream]);
  assertEquals([stream.sendWindow, sender.streamWindow], [-50, WINDOW_INITIAL - 50]);
  sender.openStreamWindow(stream, 50);
  assertEquals(sizes(sender.take()), []);
  sender.openStreamWindow(stream, 50);
  assertEquals(sizes(sender.take()), [[1, 50]]);
});

Deno.test("Sender finds windows that are opened too far", () => {
  const { sender } = makeSender();
  const stream = makeStream(1, 1);
  const { FLOW_CONTROL_ERROR } = ErrorCode;
  const ofStream = sender.openStreamWindow(stream, 0x7fff_ffff);
  assertEquals([ofStream?.code, ofStream?.stream], [FLOW_CONTROL_ERROR, 1]);
  const ofConnection = sender.openWindow(0x7fff_ffff);
  assertEquals([ofConnection?.code, ofConnection?.stream], [FLOW_CONTROL_ERROR, undefined]);
  const ofAll = makeSender().sender.resizeWindows(0x7fff_ffff, [makeStream(1, WINDOW_INITIAL + 1)]);
  assertEquals([ofAll?.code, ofAll?.stream], [FLOW_CONTROL_ERROR, undefined]);
});

Deno.test("Sender divides a head that is larger than a frame, and ends the message in its first", () => {
  const { sender } = makeSender();
  const stream = makeStream(1);
  sender.head(stream, [["x", "y".repeat(40_000)]]);
  sender.end(stream, []);
  const frames = framesIn(sender.take());
  assertEquals(frames.map(({ type, flags }) => [type, flags]), [
    [FrameType.HEADERS, Flag.END_STREAM],
    [FrameType.CONTINUATION, 0],
    [FrameType.CONTINUATION, Flag.END_HEADERS],
  ]);
  assert(frames.every(({ payload }) => payload.length <= FRAME_BYTES_MAX));
});

Deno.test("Sender sends trailers behind all that waits, and drops what waits of a stream that is gone", () => {
  const { sender, told } = makeSender();
  const [one, three] = [makeStream(1, 10), makeStream(3, 10)];
  for (const stream of [one, three]) {
    sender.data(stream, new Uint8Array(20));
    sender.end(stream, [["grpc-status", "0"]]);
  }
  sender.take();
  sender.openStreamWindow(one, 10);
  sender.openStreamWindow(three, 10);
  sender.forget(three);
  const frames = framesIn(sender.take());
  assertEquals(frames.map(({ type, stream, flags }) => [type, stream, flags]), [
    [FrameType.DATA, 1, 0],
    [FrameType.HEADERS, 1, Flag.END_HEADERS | Flag.END_STREAM],
  ]);
  assertEquals([told, three.queuedBytes], [["end 1"], 0]);
});
