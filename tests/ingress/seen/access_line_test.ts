import { assert, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { type Access, accessLine, droppedLine } from "../../../lib/ingress/seen/access_line.ts";

const USUAL: Access = {
  time: Date.UTC(2026, 10, 21, 15, 4, 5, 6),
  peer: "192.0.2.7",
  method: "GET",
  target: "/a?b=1",
  host: "web.example.org",
  protocol: "HTTP/1.1",
  status: 200,
  bytesIn: 0,
  bytesOut: 12,
  durationMs: 1.23456,
  headMs: 1.1,
  route: "web/0",
  service: "web",
  replica: "r-1",
  node: "n-1",
  tries: 1,
  referer: "https://example.org/",
  userAgent: "curl/8",
  requestId: "abc",
  traceId: "def",
  ended: "answered",
};

const LINE_MAX = 20_000;
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const RAW = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/;
const COMBINED =
  /^[!-~]+ - - \[\d\d\/\w{3}\/\d{4}:[\d:]{8} \+0000\] "((?:[^"\\]|\\.)*)" \d+ \d+ "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$/;

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(...'\0\r\n\t\x1b\x7f\x85\x9b"\\ {}[]-:,\u2028\u202e\ud800é/?=') }),
  fc.constantFrom("x".repeat(3_000), "\u{1f600}".repeat(1_025), "é?token=".repeat(500)),
);
const hostile: fc.Arbitrary<Access> = fc.record({
  time: fc.integer({ min: 0, max: 4e12 }),
  peer: fc.constantFrom("192.0.2.7", "2001:db8::1"),
  method: text,
  target: text,
  host: text,
  protocol: text,
  status: fc.nat(599),
  bytesIn: fc.double(),
  bytesOut: fc.double({ min: 0, max: 1e15 }),
  durationMs: fc.double(),
  headMs: fc.option(fc.double(), { nil: undefined }),
  tries: fc.nat(10),
  referer: fc.option(text, { nil: undefined }),
  userAgent: fc.option(text, { nil: undefined }),
  requestId: text,
  ended: fc.constantFrom("answered", "broken"),
});

Deno.test("accessLine() as JSON has what is known, in units that its names say", () => {
  assertEquals(
    accessLine(USUAL, "json"),
    '{"time":"2026-11-21T15:04:05.006Z","peer":"192.0.2.7","method":"GET","target":"/a?b=1","host":"web.example.org",' +
      '"protocol":"HTTP/1.1","status":200,"bytes_in":0,"bytes_out":12,"duration_ms":1.235,"head_ms":1.1,' +
      '"route":"web/0","service":"web","replica":"r-1","node":"n-1","tries":1,"referer":"https://example.org/",' +
      '"user_agent":"curl/8","request_id":"abc","trace_id":"def","ended":"answered"}',
  );
  const { headMs: _, replica: __, ...unknown } = USUAL;
  assertEquals(Object.keys(JSON.parse(accessLine(unknown, "json"))).some((key) => /head|replica/.test(key)), false);
});

Deno.test("accessLine() in the combined format is what log readers know", () => {
  const known =
    '192.0.2.7 - - [21/Nov/2026:15:04:05 +0000] "GET /a?b=1 HTTP/1.1" 200 12 "https://example.org/" "curl/8"';
  assertEquals(accessLine(USUAL, "combined"), known);
  const { referer: _, userAgent: __, ...bare } = USUAL;
  assert(accessLine(bare, "combined").endsWith(' 200 12 "-" "-"'));
});

Deno.test("accessLine() in the combined format escapes as Apache does", () => {
  const userAgent = 'a"b\\c\r\n\xe9 "- -"';
  assert(accessLine({ ...USUAL, userAgent }, "combined").endsWith('"a\\"b\\\\c\\x0d\\x0a\\xe9 \\"- -\\""'));
});

Deno.test("accessLine() takes credentials out of target and referrer", () => {
  const access = { ...USUAL, target: "/?token=SECRET", referer: "https://me:SECRET@x/?key=SECRET", host: "SECRET@h" };
  for (const format of ["json", "combined"] as const) assert(!accessLine(access, format).includes("SECRET"));
});

Deno.test("accessLine() as JSON parses back to what was sent, whatever it was, and holds no raw control character", () => {
  fc.assert(fc.property(hostile, (access) => {
    const line = accessLine(access, "json");
    assert(!RAW.test(line));
    assertLess(line.length, LINE_MAX * 6);
    const parsed = JSON.parse(line);
    assertEquals(parsed.method.slice(0, 512), access.method.slice(0, 512));
    assertEquals(parsed.request_id.slice(0, 512), access.requestId?.slice(0, 512));
    assertEquals(parsed.ended, access.ended);
  }));
});

Deno.test("accessLine() in the combined format always reads as its parts, all of printable ASCII", () => {
  fc.assert(fc.property(hostile, (access) => {
    const line = accessLine(access, "combined");
    assert(/^[ -~]*$/.test(line));
    assertLess(line.length, LINE_MAX * 6);
    const [, request = ""] = COMBINED.exec(line) ?? [];
    assertEquals(request.split(" ").length, 3);
  }));
});

Deno.test("accessLine() cuts long values and says so", () => {
  const long = "x".repeat(10_000);
  const parsed = JSON.parse(accessLine({ ...USUAL, target: `/${long}`, userAgent: long }, "json"));
  assertEquals([parsed.target.length, parsed.user_agent.length], [2_051, 515]);
  assert(parsed.target.endsWith("x...") && parsed.user_agent.endsWith("x..."));
});

Deno.test("droppedLine() is a line of its format", () => {
  const dropped = { time: USUAL.time, lines: 7 };
  assertEquals(JSON.parse(droppedLine(dropped, "json")).dropped_lines, 7);
  assert(COMBINED.test(droppedLine(dropped, "combined")));
});
