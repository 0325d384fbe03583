import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Field, Fields } from "../../../lib/wire/http1/fields.ts";
import { ErrorCode } from "../../../lib/wire/http2/error_code.ts";
import { FrameType } from "../../../lib/wire/http2/frames.ts";
import { type Limits, SERVER_LIMITS } from "../../../lib/wire/http2/limits.ts";
import { ServerMachine } from "../../../lib/wire/http2/server.ts";
import { Setting } from "../../../lib/wire/http2/settings.ts";
import {
  ACK,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  GET,
  headers,
  HELLO,
  join,
  type Line,
  listen,
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

const { PROTOCOL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR, FLOW_CONTROL_ERROR } = ErrorCode;
const { COMPRESSION_ERROR, REFUSED_STREAM, NO_ERROR } = ErrorCode;
const OK = { status: 200, fields: [["Content-Type", "text/plain"]] } as const;

function greeted(limits: Partial<Limits> = {}): ServerMachine {
  const server = new ServerMachine({ ...SERVER_LIMITS, ...limits });
  assertEquals(tell(server, HELLO), []);
  server.output();
  return server;
}

const kinds = (lines: readonly Line[]) => lines.map(({ kind }) => kind);

Deno.test("ServerMachine gives a request as HTTP/1.1's reader does, without pseudo fields", () => {
  const fields: Fields = [...GET.slice(0, 3), [":path", "/a%2Fb?c"], ["te", "trailers"], ["x-a", "b"]];
  assertEquals(tell(greeted(), headers(1, fields)), [
    {
      kind: "request",
      stream: 1,
      method: "GET",
      target: "/a%2Fb?c",
      form: "origin",
      path: "/a%2Fb?c",
      authority: "a.test",
      scheme: "https",
      version: "2",
      fields: [["te", "trailers"], ["x-a", "b"]],
      framing: { kind: "none" },
      expectContinue: false,
    },
    { kind: "end", stream: 1, trailers: [] },
  ]);
});

Deno.test("ServerMachine gives content without padding, and trailers without those that come too late", () => {
  const padded = frame(FrameType.DATA, PADDED, 1, [2, 0x68, 0x69, 0, 0]);
  const trailers = headers(1, [["grpc-status", "0"], ["host", "evil"]]);
  const lines = tell(greeted(), join(headers(1, POST, END_HEADERS), padded, data(1, "!"), trailers));
  assert(lines[0]?.kind === "request" && lines[0].framing.kind === "unknown");
  assertEquals(lines.slice(1), [
    { kind: "data", stream: 1, text: "hi!" },
    { kind: "end", stream: 1, trailers: [["grpc-status", "0"]] },
  ]);
});

Deno.test("ServerMachine joins a divided Cookie, and reads HEADERS with padding, priority and CONTINUATION", () => {
  const whole = headers(1, [...GET, ["cookie", "a=b"], ["x", "y"], ["cookie", "c=d"]]).slice(9);
  const first = [1, ...uint32(0), 7, ...whole.slice(0, 10), 0];
  const bytes = join(
    frame(FrameType.HEADERS, END_STREAM | PADDED | PRIORITY, 1, first),
    frame(FrameType.CONTINUATION, 0, 1, whole.slice(10, 30)),
    frame(FrameType.CONTINUATION, END_HEADERS, 1, whole.slice(30)),
  );
  const [head] = tell(greeted(), bytes);
  assert(head?.kind === "request");
  assertEquals(head.fields, [["cookie", "a=b; c=d"], ["x", "y"]]);
});

Deno.test("ServerMachine resets the stream of a malformed request, says nothing of it, and goes on", () => {
  const server = greeted();
  const lines = tell(server, join(headers(1, [...GET, ["X", "y"]]), headers(3, GET)));
  assertEquals(kinds(lines), ["reset", "request", "end"]);
  assertEquals(sentBy(server), [`RST_STREAM 1 code ${PROTOCOL_ERROR}`]);
});

Deno.test("ServerMachine resets a stream whose content differs from its content-length", () => {
  const counted: Field = ["content-length", "3"];
  const wrong = [
    join(headers(1, [...POST, counted])),
    join(headers(1, [...POST, counted], END_HEADERS), data(1, "four")),
    join(headers(1, [...POST, counted], END_HEADERS), data(1, "ab", END_STREAM)),
    join(headers(1, [...POST, counted], END_HEADERS), data(1, "ab"), headers(1, [["x", "y"]])),
  ];
  for (const bytes of wrong) {
    const server = greeted();
    const lines = tell(server, bytes);
    assertEquals(lines.at(-1)?.kind, "reset");
    assert(!kinds(lines).includes("end"));
    assertEquals(sentBy(server), [`RST_STREAM 1 code ${PROTOCOL_ERROR}`]);
  }
  const right = join(headers(1, [...POST, counted], END_HEADERS), data(1, "abc", END_STREAM));
  assertEquals(kinds(tell(greeted(), right)), ["request", "data", "end"]);
});

Deno.test("ServerMachine ends the connection with the code of the fault, and reads nothing after it", () => {
  const wrong: [fault: string, code: number, bytes: Uint8Array][] = [
    ["HTTP/1.1", PROTOCOL_ERROR, new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n")],
    ["no SETTINGS", PROTOCOL_ERROR, join(HELLO.subarray(0, 24), headers(1, GET))],
    ["even stream", PROTOCOL_ERROR, join(HELLO, headers(2, GET))],
    ["smaller stream", PROTOCOL_ERROR, join(HELLO, headers(5, GET), headers(3, GET))],
    ["head behind the end", STREAM_CLOSED, join(HELLO, headers(1, GET), headers(1, GET))],
    ["content on an idle stream", PROTOCOL_ERROR, join(HELLO, data(1, "x"))],
    ["reset of an idle stream", PROTOCOL_ERROR, join(HELLO, resetStream(1, 8))],
    ["window of an idle stream", PROTOCOL_ERROR, join(HELLO, windowUpdate(1, 8))],
    ["push", PROTOCOL_ERROR, join(HELLO, frame(FrameType.PUSH_PROMISE, END_HEADERS, 1, uint32(2)))],
    ["lone CONTINUATION", PROTOCOL_ERROR, join(HELLO, frame(FrameType.CONTINUATION, 0, 1))],
    [
      "another stream's CONTINUATION",
      PROTOCOL_ERROR,
      join(HELLO, headers(1, GET, 0), frame(FrameType.CONTINUATION, END_HEADERS, 3)),
    ],
    ["within a block", PROTOCOL_ERROR, join(HELLO, headers(1, GET, 0), frame(FrameType.PING, 0, 0, new Uint8Array(8)))],
    ["padding", PROTOCOL_ERROR, join(HELLO, headers(1, POST, END_HEADERS), frame(FrameType.DATA, PADDED, 1, [1]))],
    ["large frame", FRAME_SIZE_ERROR, join(HELLO, frame(FrameType.DATA, 0, 1, new Uint8Array(16_385)))],
    ["short PING", FRAME_SIZE_ERROR, join(HELLO, frame(FrameType.PING, 0, 0, [1]))],
    ["odd SETTINGS", FRAME_SIZE_ERROR, join(HELLO, frame(FrameType.SETTINGS, 0, 0, [1]))],
    ["full ACK", FRAME_SIZE_ERROR, join(HELLO, frame(FrameType.SETTINGS, ACK, 0, new Uint8Array(6)))],
    ["large window", FLOW_CONTROL_ERROR, join(HELLO, windowUpdate(0, 0x7fff_ffff))],
    ["window by 0", PROTOCOL_ERROR, join(HELLO, windowUpdate(0, 0))],
    ["initial window", FLOW_CONTROL_ERROR, join(HELLO, settings([Setting.INITIAL_WINDOW_SIZE, 0x8000_0000]))],
    ["undecodable", COMPRESSION_ERROR, join(HELLO, frame(FrameType.HEADERS, END_HEADERS, 1, [0x80]))],
    ["short priority", FRAME_SIZE_ERROR, join(HELLO, frame(FrameType.HEADERS, END_HEADERS | PRIORITY, 1, [0]))],
  ];
  for (const [fault, code, bytes] of wrong) {
    const server = new ServerMachine();
    const error = tell(server, join(bytes, headers(7, GET))).at(-1);
    assert(error?.kind === "error" && error.code === code, `${fault}: ${JSON.stringify(error)}`);
    assertEquals([server.isOver, server.streamCount, server.buffered], [true, 0, 0]);
    assert(sentBy(server).at(-1)?.endsWith(`code ${code}`), fault);
    assertEquals(tell(server, headers(9, GET)), []);
    assertEquals(server.output().length, 0);
  }
});

Deno.test("ServerMachine refuses streams beyond its limit, which may be tried again", () => {
  const server = greeted({ streamsMax: 2 });
  tell(server, join(headers(1, GET), headers(3, POST, END_HEADERS), headers(5, GET)));
  assertEquals(sentBy(server), [`RST_STREAM 5 code ${REFUSED_STREAM}`]);
  server.respond(1, OK);
  server.end(1);
  assertEquals(kinds(tell(server, headers(7, GET))), ["request", "end"]);
});

Deno.test("ServerMachine has what is too large or can't be promised answered with a status", () => {
  const refused: [status: number, fields: Fields][] = [
    [431, [...GET, ["x", "y".repeat(40_000)]]],
    [431, [...GET, ...Array.from({ length: 100 }, (): Field => ["x", "y"])]],
    [414, [...GET.slice(0, 3), [":path", `/${"x".repeat(8_192)}`]]],
    [417, [...GET, ["expect", "tea"]]],
  ];
  for (const [status, fields] of refused) {
    const server = greeted({ blockBytesMax: 100_000 });
    const whole = headers(1, fields, 0).slice(9);
    const parts = [frame(FrameType.HEADERS, 0, 1, whole.slice(0, 16_384))];
    for (let at = 16_384; at < whole.length; at += 16_384) {
      parts.push(frame(FrameType.CONTINUATION, 0, 1, whole.slice(at, at + 16_384)));
    }
    const last = frame(FrameType.CONTINUATION, END_HEADERS, 1);
    const [event, ...rest] = tell(server, join(...parts, last, data(1, "unwanted")));
    assert(event?.kind === "refused" && event.status === status, JSON.stringify(event));
    assertEquals(rest, []);
    server.respond(1, { status, fields: [] });
    server.end(1);
    assertEquals(sentBy(server), ["HEADERS 1 END", `RST_STREAM 1 code ${NO_ERROR}`]);
  }
});

Deno.test("ServerMachine gathers what one read made necessary into one output, the last frame marked as such", () => {
  const server = greeted();
  tell(server, join(headers(1, GET), headers(3, GET), headers(5, GET), frame(FrameType.PING, 0, 0, new Uint8Array(8))));
  for (const stream of [1, 3]) {
    server.respond(stream, OK);
    server.data(stream, new Uint8Array(10));
    server.end(stream);
  }
  server.interim(5, { status: 103, fields: [["link", "</x>"]] });
  server.respond(5, OK);
  server.end(5, [["grpc-status", "0"]]);
  assertEquals(sentBy(server), [
    "PING ACK",
    "HEADERS 1",
    "DATA 1 10 END",
    "HEADERS 3",
    "DATA 3 10 END",
    "HEADERS 5",
    "HEADERS 5",
    "HEADERS 5 END",
  ]);
  assertEquals(server.streamCount, 0);
});

Deno.test("ServerMachine ends a message whose last frame has gone out with an empty one", () => {
  const server = greeted();
  tell(server, headers(1, GET));
  server.respond(1, OK);
  assertEquals(sentBy(server), ["HEADERS 1"]);
  server.end(1);
  assertEquals(sentBy(server), ["DATA 1 0 END"]);
});

Deno.test("ServerMachine leaves out fields of one connection, and throws at a status that is none", () => {
  const server = greeted();
  tell(server, headers(1, GET));
  assertThrows(() => server.respond(1, { status: 103, fields: [] }), TypeError);
  assertThrows(() => server.interim(1, { status: 101, fields: [] }), TypeError);
  assertThrows(() => server.respond(1, { status: 200, fields: [["X", "a\r\nb"]] }), TypeError);
  assertEquals(server.output().length, 0);
  server.respond(1, { status: 204, fields: [["Connection", "close"], ["Transfer-Encoding", "chunked"]] });
  server.end(1);
  // The empty table is said once, then the status by its number.
  assertEquals([...server.output().subarray(9)], [0x20, 0x89]);
});

Deno.test("ServerMachine tells a client that still sends to stop when it has its answer, and ignores what was under way", () => {
  const server = greeted();
  tell(server, headers(1, POST, END_HEADERS));
  server.respond(1, OK);
  server.end(1);
  assertEquals(sentBy(server), ["HEADERS 1 END", `RST_STREAM 1 code ${NO_ERROR}`]);
  assertEquals(tell(server, join(data(1, "late"), headers(1, [["late", "too"]]), windowUpdate(1, 9))), []);
  assertEquals(server.output().length, 0);
});

Deno.test("ServerMachine reports a reset, and drops what is given for its stream afterwards", () => {
  const server = greeted();
  tell(server, headers(1, GET));
  server.respond(1, OK);
  const [event] = tell(server, resetStream(1, ErrorCode.CANCEL));
  assert(event?.kind === "reset" && event.by === "peer" && event.code === ErrorCode.CANCEL);
  server.output();
  assertEquals(server.data(1, new Uint8Array(10)), "go on");
  server.end(1);
  server.respond(1, OK);
  server.took(1, 10);
  server.reset(1);
  assertEquals(server.output().length, 0);
});

Deno.test("ServerMachine drains without losing a request: those under way are taken, later ones left to be retried", () => {
  const server = greeted();
  tell(server, headers(1, GET));
  server.drain();
  server.drain();
  assertEquals(sentBy(server), [`GOAWAY last ${0x7fff_ffff} code 0`, "PING 0"]);
  assertEquals(kinds(tell(server, headers(3, GET))), ["request", "end"]);
  const ping = frame(FrameType.PING, ACK, 0, [0x64, 0x72, 0x61, 0x69, 0x6e, 0, 0, 0]);
  assertEquals(tell(server, join(ping, headers(5, POST, END_HEADERS), data(5, "x", END_STREAM))), []);
  assertEquals(sentBy(server), ["GOAWAY last 3 code 0"]);
  assertEquals(server.isDrained, false);
  for (const stream of [1, 3]) {
    server.respond(stream, OK);
    server.end(stream);
  }
  assertEquals(server.isDrained, true);
});

Deno.test("ServerMachine says what ends with the connection", () => {
  const server = greeted();
  tell(server, headers(1, POST, END_HEADERS));
  server.finish("cut");
  assertEquals(kinds(listen(server)), ["reset", "closed"]);
  assertEquals(listen(server), []);
});
