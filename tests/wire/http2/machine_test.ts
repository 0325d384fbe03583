/**
 * Laws that hold whatever the bytes are: how they are split doesn't matter, nothing makes the machine crash, hang or
 * grow, and floods of what is allowed come to an end. What a session of both roles carries is in `../http2_test.ts`.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ClientMachine } from "../../../lib/wire/http2/client.ts";
import { ErrorCode } from "../../../lib/wire/http2/error_code.ts";
import { FRAME_BYTES_MAX, FrameType, HEADER_BYTES } from "../../../lib/wire/http2/frames.ts";
import { SERVER_LIMITS } from "../../../lib/wire/http2/limits.ts";
import { ServerMachine } from "../../../lib/wire/http2/server.ts";
import { Setting } from "../../../lib/wire/http2/settings.ts";
import {
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  GET,
  headers,
  HELLO,
  join,
  type Line,
  PADDED,
  POST,
  PRIORITY,
  resetStream,
  sentBy,
  settings,
  tell,
  uint32,
  windowUpdate,
} from "./frames.ts";

const EIGHT = new Uint8Array(8);
const FRAMES: readonly Uint8Array[] = [
  headers(1, GET),
  headers(3, [...POST, ["content-length", "5"]], END_HEADERS),
  data(3, "he"),
  frame(FrameType.DATA, PADDED | END_STREAM, 3, [3, 0x6c, 0x6c, 0x6f, 0, 0, 0]),
  frame(FrameType.HEADERS, END_HEADERS | PRIORITY, 5, [...uint32(0), 1, 0x83, 0x86, 0x84, 0x41, 1, 0x61]),
  headers(5, [["grpc-status", "0"]]),
  frame(FrameType.HEADERS, END_STREAM, 7, [0x82, 0x87]),
  frame(FrameType.CONTINUATION, 0, 7, [0x84]),
  frame(FrameType.CONTINUATION, END_HEADERS, 7, [0x01, 0x81, 0x1f]),
  frame(FrameType.PING, 0, 0, EIGHT),
  frame(FrameType.PRIORITY, 0, 9, [...uint32(1), 1]),
  settings([Setting.INITIAL_WINDOW_SIZE, 10], [Setting.MAX_FRAME_SIZE, 20_000]),
  windowUpdate(0, 1_000),
  windowUpdate(3, 1_000),
  resetStream(5, 8),
  headers(9, [...GET, ["X", "y"]]),
  headers(11, [...GET, ["expect", "tea"]], END_HEADERS),
  frame(0xee, 0xff, 13, EIGHT),
  frame(FrameType.GOAWAY, 0, 0, EIGHT),
];
const ANSWERS: readonly Uint8Array[] = [
  settings([Setting.MAX_CONCURRENT_STREAMS, 5]),
  headers(1, [[":status", "103"]], END_HEADERS),
  headers(1, [[":status", "200"]], END_HEADERS),
  data(1, "hello"),
  headers(1, [["grpc-status", "0"]]),
  headers(3, [[":status", "404"], ["content-length", "0"]]),
  resetStream(5, 7),
  windowUpdate(3, 50),
  frame(FrameType.GOAWAY, 0, 0, [...uint32(3), ...uint32(0)]),
];

const cuts = fc.array(fc.nat(600), { maxLength: 40 });
const some = (frames: readonly Uint8Array[]) =>
  fc.subarray([...frames], { minLength: 1 }).map((chosen) => join(...chosen));
/** Bytes with pieces put in, taken out and replaced at random places. */
const mutated = (bytes: fc.Arbitrary<Uint8Array>) =>
  fc.tuple(bytes, fc.array(fc.tuple(fc.nat(600), fc.nat(4), fc.uint8Array({ maxLength: 4 })), { maxLength: 5 })).map((
    [source, edits],
  ) => edits.reduce((now, [at, drop, put]) => join(now.subarray(0, at), put, now.subarray(at + drop)), source));

Deno.test("ServerMachine says the same, and sends the same, however well-formed bytes are split", () => {
  const all = join(HELLO, ...FRAMES);
  fc.assert(fc.property(cuts, (at) => assertEquals(serve(all, at), serve(all, []))));
  assertEquals(serve(all, Array.from(all, (_, at) => at)), serve(all, []));
});

Deno.test("ServerMachine says the same however malformed bytes are split, and always comes to an end", () => {
  fc.assert(
    fc.property(mutated(some(FRAMES)), cuts, (bytes, at) => {
      const input = join(HELLO, bytes);
      const whole = serve(input, []);
      assertEquals(serve(input, at), whole);
      assertOrder(whole.lines);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("ServerMachine survives any bytes, from the first one on", () => {
  const any = fc.uint8Array({ maxLength: 300 });
  fc.assert(fc.property(any, cuts, fc.boolean(), (bytes, at, isGreeted) => {
    const input = isGreeted ? join(HELLO, bytes) : bytes;
    assertEquals(serve(input, at), serve(input, []));
  }));
});

Deno.test("ClientMachine says the same however malformed bytes are split, and always comes to an end", () => {
  fc.assert(
    fc.property(mutated(some(ANSWERS)), cuts, (bytes, at) => {
      const whole = ask(bytes, []);
      assertEquals(ask(bytes, at), whole);
      assertOrder(whole.lines);
    }),
    { numRuns: 2_000 },
  );
});

/** Each is sent a thousand times, and is allowed a few times. `n` counts. */
const FLOODS: Record<string, (n: number) => Uint8Array> = {
  "streams that are reset": (n) => join(headers(2 * n + 1, GET), resetStream(2 * n + 1, 8)),
  "streams that are spoiled": (n) => headers(2 * n + 1, [...GET, ["X", "y"]]),
  "streams that are spoiled by a window": (n) => join(headers(2 * n + 1, GET), windowUpdate(2 * n + 1, 0)),
  "streams that are spoiled by content": (n) => join(headers(2 * n + 1, GET), data(2 * n + 1, "x")),
  "resets of one stream": (n) => n === 0 ? headers(1, GET) : resetStream(1, 8),
  "pings": () => frame(FrameType.PING, 0, 0, EIGHT),
  "settings": () => settings([Setting.INITIAL_WINDOW_SIZE, 1]),
  "windows": (n) => n === 0 ? headers(1, POST, END_HEADERS) : windowUpdate(1, 1),
  "empty content": (n) => n === 0 ? headers(1, POST, END_HEADERS) : data(1, ""),
  "priorities": () => frame(FrameType.PRIORITY, 0, 1, [...uint32(3), 1]),
  "unknown frames": () => frame(0xee, 0, 0),
  "endless CONTINUATION": (n) => n === 0 ? headers(1, GET, 0) : frame(FrameType.CONTINUATION, 0, 1),
  "a large header block": (n) =>
    n === 0 ? headers(1, GET, 0) : frame(FrameType.CONTINUATION, 0, 1, new Uint8Array(9_000)),
};
const BUDGETS = { resets: { burst: 100, perSecond: 10 }, chatter: { burst: 100, perSecond: 10 } };

for (const [name, flood] of Object.entries(FLOODS)) {
  Deno.test(`ServerMachine ends a flood of ${name}, and sends little in return`, () => {
    const server = new ServerMachine({ ...SERVER_LIMITS, ...BUDGETS });
    let last: Line | undefined;
    let count = 0;
    tell(server, HELLO);
    for (; count < 1_000 && !server.isOver; count++) last = tell(server, flood(count), { nowMs: 1 }).at(-1) ?? last;
    assert(last?.kind === "error" && last.code === ErrorCode.ENHANCE_YOUR_CALM, JSON.stringify(last));
    assert(count <= 102, `${count}`);
    assert(server.output().length < 10_000);
  });
}

Deno.test("ServerMachine lets pass what comes at a pace that a client may have", () => {
  for (const flood of ["streams that are reset", "pings", "settings", "windows"].map((name) => FLOODS[name]!)) {
    const server = new ServerMachine({ ...SERVER_LIMITS, ...BUDGETS });
    tell(server, HELLO);
    for (let count = 0; count < 1_000; count++) {
      tell(server, flood(count), { nowMs: count * 100 });
      server.output();
    }
    assertEquals(server.isOver, false);
  }
});

Deno.test("ServerMachine counts resets of answered streams too: the work was done", () => {
  const server = new ServerMachine({ ...SERVER_LIMITS, ...BUDGETS });
  tell(server, HELLO);
  for (let id = 1; id < 1_000 && !server.isOver; id += 2) {
    tell(server, headers(id, GET));
    server.respond(id, { status: 200, fields: [] });
    server.data(id, new Uint8Array(1_000_000));
    server.end(id);
    server.output();
    tell(server, resetStream(id, 8));
  }
  assert(server.isOver);
});

Deno.test("a machine reads nothing further while much is to be sent, and goes on when it has been taken", () => {
  const server = new ServerMachine({ ...SERVER_LIMITS, outputBytesMax: 200 });
  tell(server, HELLO);
  server.output();
  const lines = tell(
    server,
    join(...Array.from({ length: 50 }, () => frame(FrameType.PING, 0, 0, EIGHT)), headers(1, GET)),
  );
  assertEquals([lines, server.isStalled], [[], true]);
  let pings = 0;
  for (let sent = sentBy(server); sent.length > 0; sent = sentBy(server)) {
    assert(sent.length <= 12);
    pings += sent.length;
    lines.push(...tell(server, new Uint8Array(0)));
  }
  assertEquals([pings, lines.length, server.isStalled], [50, 2, false]);
});

Deno.test("a machine opens windows only as content is taken, and never lets more in than they say", () => {
  const server = new ServerMachine();
  tell(server, join(HELLO, headers(1, POST, END_HEADERS)));
  server.output();
  const piece = data(1, "x".repeat(16_384));
  for (let count = 0; count < 8; count++) tell(server, piece, { take: false });
  assertEquals([sentBy(server), server.streamCount], [[], 1]);
  server.took(1, 70_000);
  server.took(1, 70_000);
  assertEquals(sentBy(server), ["WINDOW_UPDATE 1 70000"]);
  const [, reset] = tell(server, join(...Array(5).fill(piece)), { take: false });
  assert(reset?.kind === "reset" && reset.code === ErrorCode.FLOW_CONTROL_ERROR && reset.by === "here");
});

Deno.test("padding opens the windows again at once: nobody takes it", () => {
  const server = new ServerMachine({ ...SERVER_LIMITS, streamWindowBytes: 65_535, connectionWindowBytes: 65_535 });
  tell(server, join(HELLO, headers(1, POST, END_HEADERS)));
  const padded = frame(FrameType.DATA, PADDED, 1, [255, 0x61, ...new Uint8Array(255)]);
  for (let count = 0; count < 1_000; count++) tell(server, padded, { take: false });
  assertEquals(server.isOver, false);
  assert(sentBy(server).includes("WINDOW_UPDATE 0 32768"));
});

Deno.test("a client that is sent much may say much in return", () => {
  const server = new ServerMachine({ ...SERVER_LIMITS, ...BUDGETS });
  tell(server, join(HELLO, headers(1, GET), windowUpdate(0, 1 << 30), windowUpdate(1, 1 << 30)));
  server.respond(1, { status: 200, fields: [] });
  const returned = join(...Array(8).fill(windowUpdate(1, 2_048)));
  for (let count = 0; count < 200; count++) {
    server.data(1, new Uint8Array(16_384));
    server.output();
    tell(server, returned);
  }
  assertEquals(server.isOver, false);
});

Deno.test("content of streams that are gone doesn't keep the connection's window shut", () => {
  const server = new ServerMachine({ ...SERVER_LIMITS, resets: { burst: 1_000, perSecond: 0 } });
  tell(server, HELLO);
  server.output();
  let opened = 0;
  for (let id = 1; id < 400; id += 2) {
    const bytes = join(headers(id, POST, END_HEADERS), data(id, "x".repeat(10_000)), resetStream(id, 8));
    tell(server, bytes, { take: false });
    for (const sent of sentBy(server)) opened += Number(/^WINDOW_UPDATE 0 (\d+)$/.exec(sent)?.[1]);
  }
  assert(opened > 200 * 10_000 - SERVER_LIMITS.connectionWindowBytes);
  assertEquals(server.isOver, false);
});

function serve(bytes: Uint8Array, at: readonly number[]): { lines: Line[]; sent: string[] } {
  const server = new ServerMachine();
  const lines = tell(server, bytes, { cuts: at });
  assert(server.buffered < FRAME_BYTES_MAX + HEADER_BYTES);
  return { lines, sent: sentBy(server) };
}

function ask(bytes: Uint8Array, at: readonly number[]): { lines: Line[]; sent: string[] } {
  const client = new ClientMachine();
  const request = { method: "GET", scheme: "http", authority: "a", path: "/", fields: [] } as const;
  for (let count = 0; count < 3; count++) client.end(client.request(request));
  const lines = tell(client, bytes, { cuts: at });
  assert(client.buffered < FRAME_BYTES_MAX + HEADER_BYTES);
  return { lines, sent: sentBy(client) };
}

/** Of each stream: head, content, end; nothing behind its end or its reset, and nothing at all behind an error. */
function assertOrder(lines: readonly Line[]): void {
  const within = new Map<number, string>();
  for (const [index, line] of lines.entries()) {
    if (line.kind === "error") assertEquals(index, lines.length - 1);
    if (!("stream" in line)) continue;
    const before = within.get(line.stream);
    const isHead = line.kind === "request" || line.kind === "response" || line.kind === "refused";
    if (isHead) assert(before === undefined, `a head behind ${before}`);
    if (line.kind === "data") assert(before === "request" || before === "response" || before === "data");
    if (line.kind === "end") assert(before !== undefined && before !== "end" && before !== "reset");
    if (line.kind !== "interim") within.set(line.stream, line.kind);
  }
}
