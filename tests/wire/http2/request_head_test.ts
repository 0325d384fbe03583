import { assert, assertEquals } from "@std/assert";
import type { Field, Fields } from "../../../lib/wire/http1/fields.ts";
import { SERVER_LIMITS } from "../../../lib/wire/http2/limits.ts";
import { judgeRequest } from "../../../lib/wire/http2/request_head.ts";
import { GET } from "./frames.ts";

const judge = (fields: Fields, isLast = true) =>
  judgeRequest({ kind: "list", fields, isTooLarge: false }, { stream: 1, isLast, limits: SERVER_LIMITS });

const [METHOD, SCHEME, AUTHORITY, PATH] = GET as [Field, Field, Field, Field];

/** Each is malformed (RFC 9113 §8.2, §8.3). */
const MALFORMED: Record<string, Fields> = {
  "no :method": [SCHEME, AUTHORITY, PATH],
  "no :scheme": [METHOD, AUTHORITY, PATH],
  "no :path": [METHOD, SCHEME, AUTHORITY],
  "no authority": [METHOD, SCHEME, PATH],
  "two :method": [METHOD, ...GET],
  "two :path": [...GET, PATH],
  "empty :path": [METHOD, SCHEME, AUTHORITY, [":path", ""]],
  "relative :path": [METHOD, SCHEME, AUTHORITY, [":path", "a"]],
  "absolute :path": [METHOD, SCHEME, AUTHORITY, [":path", "http://a.test/"]],
  "* without OPTIONS": [METHOD, SCHEME, AUTHORITY, [":path", "*"]],
  "a space in :path": [METHOD, SCHEME, AUTHORITY, [":path", "/a b"]],
  "a fragment in :path": [METHOD, SCHEME, AUTHORITY, [":path", "/a#b"]],
  "CR LF in :path": [METHOD, SCHEME, AUTHORITY, [":path", "/ HTTP/1.1\r\nX: y"]],
  "beyond ASCII in :path": [METHOD, SCHEME, AUTHORITY, [":path", "/\xe4"]],
  "a space in :method": [[":method", "GET /"], SCHEME, AUTHORITY, PATH],
  "empty :method": [[":method", ""], SCHEME, AUTHORITY, PATH],
  "another scheme": [METHOD, [":scheme", "ftp"], AUTHORITY, PATH],
  "a user in :authority": [METHOD, SCHEME, [":authority", "a@b"], PATH],
  "a path in :authority": [METHOD, SCHEME, [":authority", "a/b"], PATH],
  "empty :authority": [METHOD, SCHEME, [":authority", ""], PATH],
  "a Host that differs": [...GET, ["host", "b.test"]],
  "a Host that differs in its port": [...GET, ["host", "a.test:81"]],
  "two Hosts": [...GET, ["host", "a.test"], ["host", "a.test"]],
  ":status": [[":status", "200"], ...GET],
  "an unknown pseudo field": [[":protocol", "websocket"], ...GET],
  "a pseudo field behind others": [METHOD, SCHEME, ["x", "y"], AUTHORITY, PATH],
  "upper case": [...GET, ["X", "y"]],
  "an empty name": [...GET, ["", "y"]],
  "a space in a name": [...GET, ["x ", "y"]],
  "a colon in a name": [...GET, ["x:y", "z"]],
  "CR LF in a name": [...GET, ["x\r\ny", "z"]],
  "NUL in a name": [...GET, ["x\0", "z"]],
  "beyond ASCII in a name": [...GET, ["\xe4", "z"]],
  "CR in a value": [...GET, ["x", "y\rz"]],
  "LF in a value": [...GET, ["x", "y\nz"]],
  "NUL in a value": [...GET, ["x", "y\0"]],
  "DEL in a value": [...GET, ["x", "\x7f"]],
  "a space before a value": [...GET, ["x", " y"]],
  "a tab behind a value": [...GET, ["x", "y\t"]],
  "Connection": [...GET, ["connection", "close"]],
  "Proxy-Connection": [...GET, ["proxy-connection", "close"]],
  "Keep-Alive": [...GET, ["keep-alive", "5"]],
  "Transfer-Encoding": [...GET, ["transfer-encoding", "chunked"]],
  "Upgrade": [...GET, ["upgrade", "h2c"]],
  "TE other than trailers": [...GET, ["te", "trailers, deflate"]],
  "CONNECT with :path": [[":method", "CONNECT"], AUTHORITY, PATH],
  "CONNECT without :authority": [[":method", "CONNECT"], ["host", "a.test:1"]],
};
for (const length of ["", "+5", "-1", "0x5", "05", "5 5", "5, 5", "1_0", "99999999999999999999"]) {
  MALFORMED[`content-length "${length}"`] = [...GET, ["content-length", length]];
}
MALFORMED["two content-lengths"] = [...GET, ["content-length", "5"], ["content-length", "5"]];

Deno.test("judgeRequest() finds every malformed head", () => {
  for (const [name, fields] of Object.entries(MALFORMED)) {
    const { kind } = judge(fields, false);
    assertEquals([name, kind], [name, "fault"]);
  }
});

Deno.test("judgeRequest() takes a value's inner blanks, Latin-1, and an empty value", () => {
  const fields: Fields = [["x", "a \tb"], ["y", "\xe4"], ["z", ""]];
  const head = judge([...GET, ...fields]);
  assert(head.kind === "request");
  assertEquals(head.fields, fields);
});

Deno.test("judgeRequest() says how the content is delimited", () => {
  const framing = (fields: Fields, isLast: boolean) => {
    const head = judge(fields, isLast);
    assert(head.kind === "request");
    return head.framing;
  };
  assertEquals(framing(GET, true), { kind: "none" });
  assertEquals(framing(GET, false), { kind: "unknown" });
  assertEquals(framing([...GET, ["content-length", "7"]], false), { kind: "length", bytes: 7 });
  assertEquals(framing([...GET, ["content-length", "0"]], true), { kind: "length", bytes: 0 });
});

Deno.test("judgeRequest() takes Host for :authority where that is missing, and one that is equal but for case", () => {
  const alone = judge([METHOD, SCHEME, PATH, ["host", "b.test:80"]]);
  assert(alone.kind === "request" && alone.authority === "b.test:80");
  const both = judge([...GET, ["host", "A.test"]]);
  assert(both.kind === "request" && both.authority === "a.test");
});

Deno.test("judgeRequest() knows the other forms of a target", () => {
  const asterisk = judge([[":method", "OPTIONS"], SCHEME, AUTHORITY, [":path", "*"]]);
  assert(asterisk.kind === "request" && asterisk.form === "asterisk" && asterisk.path === "*");
  const connect = judge([[":method", "CONNECT"], [":authority", "a.test:1"]], false);
  assert(connect.kind === "request" && connect.form === "authority" && connect.target === "a.test:1");
  assertEquals(connect.path, "");
});

Deno.test("judgeRequest() hears who waits for 100, and whose content is already complete", () => {
  const waiting = judge([...GET, ["expect", "100-Continue"]], false);
  assert(waiting.kind === "request" && waiting.expectContinue);
  const complete = judge([...GET, ["expect", "100-continue"]], true);
  assert(complete.kind === "request" && !complete.expectContinue);
  const twice = judge([...GET, ["expect", "100-continue"], ["expect", "100-continue"]], false);
  assert(twice.kind === "refused" && twice.status === 417);
});
