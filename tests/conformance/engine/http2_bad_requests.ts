/**
 * What clients of HTTP/2 may get wrong, or do on purpose, and what it gets them. A request is a list of fields and pieces
 * of content on stream 1; what breaks the connection itself is bytes.
 * @module
 */
import type { Field, Fields } from "../../../lib/wire/http1/fields.ts";
import { ErrorCode } from "../../../lib/wire/http2/error_code.ts";
import { FrameType } from "../../../lib/wire/http2/frames.ts";
import { PREFACE } from "../../../lib/wire/http2/preface.ts";
import { Setting } from "../../../lib/wire/http2/settings.ts";
import {
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  headers,
  join,
  PADDED,
  resetStream,
  settings,
  uint32,
  windowUpdate,
} from "../../wire/http2/frames.ts";

export const HEAD: Fields = [
  [":method", "GET"],
  [":scheme", "https"],
  [":authority", "localhost"],
  [":path", "/"],
];
const POST: Fields = [[":method", "POST"], ...HEAD.slice(1)];

/** A head with other pseudo fields; without one where it is undefined. */
function headWith(changes: Readonly<Record<string, string | undefined>>, ...more: Field[]): Fields {
  const changed = HEAD.map(([name, value]): [string, string | undefined] => [
    name,
    name in changes ? changes[name] : value,
  ]);
  return [...changed.flatMap(([name, value]): Field[] => (value === undefined ? [] : [[name, value]])), ...more];
}

/** With content of one piece or several, which ends the request. */
function posted(fields: readonly Field[], ...pieces: string[]): Uint8Array {
  const parts = pieces.map((text, at) => data(1, text, at === pieces.length - 1 ? END_STREAM : 0));
  return join(headers(1, [...POST, ...fields], END_HEADERS), ...parts);
}

const { PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR, COMPRESSION_ERROR, ENHANCE_YOUR_CALM } =
  ErrorCode;

/** Requests of which nothing may reach a replica, and whose connection goes on: their streams are reset. */
export const MALFORMED: Readonly<Record<string, Uint8Array | Fields>> = {
  "CR LF in a value": [...HEAD, ["x-a", "b\r\nx-smuggled: c"]],
  "LF in a value": [...HEAD, ["x-a", "b\nx-smuggled: c"]],
  "CR in a value": [...HEAD, ["x-a", "b\rc"]],
  "NUL in a value": [...HEAD, ["x-a", "b\0c"]],
  "a blank before a value": [...HEAD, ["x-a", " b"]],
  "a tab behind a value": [...HEAD, ["x-a", "b\t"]],
  "CR LF in a name": [...HEAD, ["x-a: b\r\nx-smuggled", "c"]],
  "a colon in a name": [...HEAD, ["x-a:", "b"]],
  "a blank in a name": [...HEAD, ["x a", "b"]],
  "a name in upper case": [...HEAD, ["X-A", "b"]],
  "an empty name": [...HEAD, ["", "b"]],
  "CR LF in :path": headWith({ ":path": "/ HTTP/1.1\r\nHost: evil\r\n\r\nGET /smuggled" }),
  "a blank in :path": headWith({ ":path": "/a b" }),
  "a :path of other than ASCII": headWith({ ":path": "/\xe4" }),
  "an empty :path": headWith({ ":path": "" }),
  "a :path without a slash": headWith({ ":path": "a" }),
  "an absolute :path": headWith({ ":path": "http://evil/" }),
  "* for GET": headWith({ ":path": "*" }),
  "CR LF in :method": headWith({ ":method": "GET / HTTP/1.1\r\nHost: evil\r\n\r\nGET" }),
  "a blank in :method": headWith({ ":method": "GET /smuggled" }),
  "an empty :method": headWith({ ":method": "" }),
  "no :method": headWith({ ":method": undefined }),
  "no :path": headWith({ ":path": undefined }),
  "no :scheme": headWith({ ":scheme": undefined }),
  "another :scheme": headWith({ ":scheme": "ftp" }),
  "neither :authority nor Host": headWith({ ":authority": undefined }),
  "an empty :authority": headWith({ ":authority": "" }),
  "a user in :authority": headWith({ ":authority": "user@localhost" }),
  "a path in :authority": headWith({ ":authority": "localhost/a" }),
  "CR LF in :authority": headWith({ ":authority": "localhost\r\nx-smuggled: a" }),
  ":authority that differs from Host": headWith({}, ["host", "evil"]),
  "two Hosts": headWith({ ":authority": undefined }, ["host", "localhost"], ["host", "localhost"]),
  ":path twice": [...HEAD, [":path", "/smuggled"]],
  ":authority twice": [...HEAD, [":authority", "evil"]],
  "a pseudo field behind others": [...HEAD.slice(0, 3), ["x-a", "b"], HEAD[3]!],
  "an unknown pseudo field": [...HEAD, [":protocol", "websocket"]],
  "a pseudo field of answers": [...HEAD, [":status", "200"]],
  "Connection": [...HEAD, ["connection", "x-a"], ["x-a", "b"]],
  "Keep-Alive": [...HEAD, ["keep-alive", "timeout=5"]],
  "Proxy-Connection": [...HEAD, ["proxy-connection", "close"]],
  "Transfer-Encoding": posted(
    [["transfer-encoding", "chunked"]],
    "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: web\r\n\r\n",
  ),
  "Upgrade": [...HEAD, ["upgrade", "h2c"]],
  "TE that asks for more than trailers": [...HEAD, ["te", "trailers, chunked"]],
  "content that is shorter than Content-Length": posted([["content-length", "6"]], "hello"),
  "content that is longer than Content-Length": posted([["content-length", "4"]], "hello"),
  "content that is longer in its second piece": posted([["content-length", "6"]], "hello", "GET /smuggled"),
  "Content-Length without content": [...POST, ["content-length", "5"]],
  "two Content-Lengths": posted([["content-length", "5"], ["content-length", "6"]], "hello"),
  "an equal repeated Content-Length": posted([["content-length", "5"], ["content-length", "5"]], "hello"),
  "a list as Content-Length": posted([["content-length", "5, 5"]], "hello"),
  "Content-Length with a sign": posted([["content-length", "+5"]], "hello"),
  "Content-Length with a zero in front": posted([["content-length", "05"]], "hello"),
  "a hexadecimal Content-Length": posted([["content-length", "0x5"]], "hello"),
  "an empty Content-Length": posted([["content-length", ""]], "hello"),
  "a Content-Length of 20 digits": posted([["content-length", "9".repeat(20)]], "hello"),
  "a pseudo field in trailers": join(posted([], "hello").slice(0, -14), data(1, "hello"), headers(1, [[":path", "/"]])),
  "CR LF in trailers": join(headers(1, POST, END_HEADERS), data(1, "hello"), headers(1, [["x-a", "b\r\nc: d"]])),
  "trailers that don't end the request": join(headers(1, POST, END_HEADERS), headers(1, [["x-a", "b"]], END_HEADERS)),
  "a CONNECT with a path": headWith({ ":method": "CONNECT" }),
  "a stream that depends on itself": frame(FrameType.HEADERS, 0x25, 1, [...uint32(1), 15, 0x82, 0x87, 0x84]),
  "a window that grows by nothing": join(headers(1, POST, END_HEADERS), windowUpdate(1, 0)),
};

/** Requests that are answered here with a status, on a connection that goes on. */
export const ANSWERED: Readonly<Record<string, readonly [status: number, sent: Fields]>> = {
  "CONNECT": [405, [[":method", "CONNECT"], [":authority", "localhost:22"]]],
  "TRACE": [405, headWith({ ":method": "TRACE" })],
  "a path of more than 8 kB": [414, headWith({ ":path": `/${"a".repeat(8_192)}` })],
  "an expectation that can't be met": [417, [...HEAD, ["expect", "tea"]]],
  "a host that the certificate is not for": [421, headWith({ ":authority": "other.test" })],
  "more than 100 fields": [431, [...HEAD, ...Array.from({ length: 100 }, (_, at): Field => [`x-${at}`, "a"])]],
};

const PING = frame(FrameType.PING, 0, 0, new Uint8Array(8));

/** What ends the whole connection: the code of the GOAWAY, and what is sent after the beginning. */
export const BREAKING: Readonly<Record<string, readonly [code: number, sent: Uint8Array]>> = {
  "a frame within a header block": [PROTOCOL_ERROR, join(headers(1, HEAD, END_STREAM), PING)],
  "CONTINUATION without HEADERS": [PROTOCOL_ERROR, frame(FrameType.CONTINUATION, END_HEADERS, 1)],
  "a stream of a server's": [PROTOCOL_ERROR, headers(2, HEAD)],
  "a stream that comes too late": [PROTOCOL_ERROR, join(headers(5, HEAD), headers(3, HEAD))],
  "HEADERS on stream 0": [PROTOCOL_ERROR, headers(0, HEAD)],
  "DATA on stream 0": [PROTOCOL_ERROR, data(0, "a")],
  "content of no request": [PROTOCOL_ERROR, data(1, "a")],
  "a push": [PROTOCOL_ERROR, frame(FrameType.PUSH_PROMISE, END_HEADERS, 1, uint32(2))],
  "padding longer than its frame": [
    PROTOCOL_ERROR,
    join(headers(1, POST, END_HEADERS), frame(FrameType.DATA, PADDED, 1, [9, 0x61])),
  ],
  "a head behind the end of its request": [STREAM_CLOSED, join(headers(1, HEAD), headers(1, HEAD))],
  "a frame of more than 16 kB": [FRAME_SIZE_ERROR, frame(FrameType.DATA, 0, 1, new Uint8Array(16_385))],
  "a PING of the wrong size": [FRAME_SIZE_ERROR, frame(FrameType.PING, 0, 0, [1])],
  "SETTINGS cut in half": [FRAME_SIZE_ERROR, frame(FrameType.SETTINGS, 0, 0, [1])],
  "a setting out of its range": [PROTOCOL_ERROR, settings([Setting.MAX_FRAME_SIZE, 1])],
  "an initial window beyond the largest": [FLOW_CONTROL_ERROR, settings([Setting.INITIAL_WINDOW_SIZE, 0x8000_0000])],
  "a connection's window beyond the largest": [FLOW_CONTROL_ERROR, windowUpdate(0, 0x7fff_ffff)],
  "a connection's window that grows by nothing": [PROTOCOL_ERROR, windowUpdate(0, 0)],
  "a header block that can't be read": [COMPRESSION_ERROR, frame(FrameType.HEADERS, END_HEADERS, 1, [0x80])],
  "a header table larger than was agreed": [
    COMPRESSION_ERROR,
    frame(FrameType.HEADERS, END_HEADERS | END_STREAM, 1, [0x3f, 0xe1, 0xff, 0x03, 0x82]),
  ],
  "a header block of more than 32 kB": [ENHANCE_YOUR_CALM, continued(4, new Uint8Array(9_000))],
};

/** What is allowed now and then, and again and again is an attack. `at` counts; what it gives is sent many times. */
export const FLOODS: Readonly<Record<string, (at: number) => Uint8Array>> = {
  "requests that are reset": (at) => join(headers(2 * at + 1, HEAD), resetStream(2 * at + 1, ErrorCode.CANCEL)),
  "requests that are malformed": (at) => headers(2 * at + 1, [...HEAD, ["X", "y"]]),
  "requests that are reset through their windows": (at) =>
    join(headers(2 * at + 1, POST, END_HEADERS), windowUpdate(2 * at + 1, 0)),
  "CONTINUATION": (at) => at === 0 ? headers(1, HEAD, END_STREAM) : frame(FrameType.CONTINUATION, 0, 1),
  "CONTINUATION with fields": (at) =>
    at === 0 ? headers(1, HEAD, END_STREAM) : frame(FrameType.CONTINUATION, 0, 1, new Uint8Array(512).fill(0x82)),
  "PING": () => PING,
  "SETTINGS": () => settings([Setting.INITIAL_WINDOW_SIZE, 1]),
  "PRIORITY": () => frame(FrameType.PRIORITY, 0, 1, [...uint32(3), 1]),
  "WINDOW_UPDATE": (at) => at === 0 ? headers(1, POST, END_HEADERS) : windowUpdate(1, 1),
  "empty content": (at) => at === 0 ? headers(1, POST, END_HEADERS) : data(1, ""),
  "unknown frames": () => frame(0xee, 0, 0),
};

/** What the connection begins with is no HTTP/2. */
export const NO_BEGINNINGS: Readonly<Record<string, Uint8Array>> = {
  "HTTP/1.1": new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  "garbage": new Uint8Array(64).fill(0xee),
  "no SETTINGS": join(PREFACE, headers(1, HEAD)),
  "an acknowledgement of SETTINGS": join(PREFACE, frame(FrameType.SETTINGS, 1, 0)),
};

function continued(parts: number, each: Uint8Array): Uint8Array {
  return join(
    headers(1, HEAD, END_STREAM),
    ...Array.from({ length: parts }, () => frame(FrameType.CONTINUATION, 0, 1, each)),
  );
}
