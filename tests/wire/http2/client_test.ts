import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Fields } from "../../../lib/wire/http1/fields.ts";
import { ClientMachine, type Request } from "../../../lib/wire/http2/client.ts";
import { ErrorCode } from "../../../lib/wire/http2/error_code.ts";
import { FrameType } from "../../../lib/wire/http2/frames.ts";
import { Setting } from "../../../lib/wire/http2/settings.ts";
import {
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  headers,
  join,
  resetStream,
  sentBy,
  settings,
  tell,
  uint32,
} from "./frames.ts";

const { PROTOCOL_ERROR, REFUSED_STREAM, ENHANCE_YOUR_CALM } = ErrorCode;
const CALL: Request = { method: "POST", scheme: "http", authority: "a.test", path: "/p", fields: [["te", "trailers"]] };
const OK: Fields = [[":status", "200"]];

function greeted(...calls: Partial<Request>[]): ClientMachine {
  const client = new ClientMachine();
  for (const call of calls) client.request({ ...CALL, ...call });
  assertEquals(tell(client, settings()), []);
  client.output();
  return client;
}

Deno.test("ClientMachine begins with the preface and settings that refuse push, in one piece with the first request", () => {
  const client = new ClientMachine();
  const stream = client.request({ ...CALL, fields: [...CALL.fields, ["Host", "b.test"], ["Connection", "close"]] });
  client.end(stream);
  assertEquals(stream, 1);
  assertEquals(sentBy(client), ["SETTINGS 0", `WINDOW_UPDATE 0 ${524_288 - 65_535}`, "HEADERS 1 END"]);
});

Deno.test("ClientMachine gives an answer with interim ones before it and trailers behind", () => {
  const client = greeted({});
  const lines = tell(
    client,
    join(
      headers(1, [[":status", "103"], ["link", "</x>"]], END_HEADERS),
      headers(1, [...OK, ["content-type", "application/grpc"]], END_HEADERS),
      data(1, "hello"),
      headers(1, [["grpc-status", "0"]]),
    ),
  );
  assertEquals(lines, [
    { kind: "interim", stream: 1, status: 103, fields: [["link", "</x>"]] },
    {
      kind: "response",
      stream: 1,
      status: 200,
      version: "2",
      fields: [["content-type", "application/grpc"]],
      framing: { kind: "unknown" },
    },
    { kind: "data", stream: 1, text: "hello" },
    { kind: "end", stream: 1, trailers: [["grpc-status", "0"]] },
  ]);
  assertEquals(client.streamCount, 1, "the request goes on");
  client.end(1);
  assertEquals(client.streamCount, 0);
});

Deno.test("ClientMachine resets the stream of a malformed answer, and keeps the connection", () => {
  const wrong: Uint8Array[] = [
    data(1, "no head"),
    headers(1, [["x", "y"]]),
    headers(1, [[":status", "2000"]]),
    headers(1, [[":status", "600"]]),
    headers(1, [...OK, ...OK]),
    headers(1, [...OK, [":path", "/"]]),
    headers(1, [[":status", "101"]], END_HEADERS),
    headers(1, [[":status", "100"]]),
    headers(1, [...OK, ["x", "a\r\nb"]]),
    headers(1, [...OK, ["connection", "close"]]),
    headers(1, [...OK, ["content-length", "5"]]),
    join(headers(1, [...OK, ["content-length", "1"]], END_HEADERS), data(1, "ab")),
    join(headers(1, [...OK, ["content-length", "3"]], END_HEADERS), data(1, "ab", END_STREAM)),
    join(headers(1, [[":status", "204"]], END_HEADERS), data(1, "ab")),
    join(headers(1, OK, END_HEADERS), headers(1, [["x", "y"]], END_HEADERS)),
    join(headers(1, OK, END_HEADERS), headers(1, OK)),
    join(...Array.from({ length: 17 }, () => headers(1, [[":status", "103"]], END_HEADERS))),
  ];
  for (const [at, bytes] of wrong.entries()) {
    const client = greeted({}, {});
    const lines = tell(client, join(bytes, headers(3, OK)));
    assertEquals([at, lines.at(-1)?.kind, lines.at(-3)?.kind], [at, "end", "reset"]);
    assertEquals(sentBy(client), [`RST_STREAM 1 code ${PROTOCOL_ERROR}`]);
  }
});

Deno.test("ClientMachine knows answers that have no content whatever they say", () => {
  const long = ["content-length", "500"] as const;
  const head = greeted({ method: "HEAD" });
  assertEquals(tell(head, headers(1, [...OK, long])).map(({ kind }) => kind), ["response", "end"]);
  const notModified = greeted({ method: "GET" });
  const lines = tell(notModified, join(headers(1, [[":status", "304"], long], END_HEADERS), data(1, "", END_STREAM)));
  assertEquals(lines.map(({ kind }) => kind), ["response", "end"]);
});

Deno.test("ClientMachine ends a connection on which the server opens streams, pushes or enables push", () => {
  const wrong = [
    headers(2, OK),
    headers(5, OK),
    frame(FrameType.PUSH_PROMISE, END_HEADERS, 1, uint32(2)),
    settings([Setting.ENABLE_PUSH, 1]),
  ];
  for (const bytes of wrong) {
    const client = greeted({});
    const error = tell(client, bytes).at(-1);
    assert(error?.kind === "error" && error.code === PROTOCOL_ERROR);
    assertEquals([client.mayRequest, client.isSpent], [false, true]);
    assertThrows(() => client.request(CALL), Error, "Cannot send request");
  }
});

Deno.test("ClientMachine opens no more streams than the server allows", () => {
  const client = new ClientMachine();
  tell(client, settings([Setting.MAX_CONCURRENT_STREAMS, 1]));
  assert(client.mayRequest);
  const stream = client.request(CALL);
  assertEquals([client.mayRequest, client.isSpent], [false, false]);
  client.reset(stream);
  assert(client.mayRequest);
});

Deno.test("ClientMachine says which requests a server that goes away has not looked at", () => {
  const client = greeted({}, {}, {});
  const lines = tell(client, frame(FrameType.GOAWAY, 0, 0, [...uint32(3), ...uint32(0)]));
  assertEquals(lines.map((line) => line.kind === "reset" ? [line.stream, line.isUnprocessed] : line.kind), [
    "goaway",
    [5, true],
  ]);
  assertEquals([client.streamCount, client.mayRequest, client.isSpent], [2, false, true]);
  assertEquals(tell(client, headers(1, OK)).map(({ kind }) => kind), ["response", "end"]);
});

Deno.test("ClientMachine says of a refused stream that it can be tried elsewhere", () => {
  const lines = tell(greeted({}, {}), join(resetStream(1, REFUSED_STREAM), resetStream(3, ENHANCE_YOUR_CALM)));
  assertEquals(lines.map((line) => line.kind === "reset" && line.isUnprocessed), [true, false]);
});

Deno.test("ClientMachine throws at a field that can't be sent, and the connection goes on as if it hadn't been", () => {
  const client = greeted();
  assertThrows(() => client.request({ ...CALL, fields: [["x", "a\nb"]] }), TypeError);
  assertThrows(() => client.request({ ...CALL, path: "/\r\n" }), TypeError);
  assertEquals([client.streamCount, client.request(CALL)], [0, 1]);
  assertEquals(sentBy(client), ["HEADERS 1"]);
});
