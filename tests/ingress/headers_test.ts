import { assertEquals } from "@std/assert";
import { type Arrival, requestFields, responseFields } from "../../lib/ingress/headers.ts";
import type { Field } from "../../lib/wire/http1/fields.ts";

const ARRIVAL: Arrival = { peer: "192.0.2.7", scheme: "https", authority: "web.example.org" };

/** What the edge always says. */
const OWN: Field[] = [
  ["host", "web.example.org"],
  ["x-forwarded-for", "192.0.2.7"],
  ["x-forwarded-host", "web.example.org"],
  ["x-forwarded-proto", "https"],
  ["via", "1.1 muster"],
];

const CASES: { what: string; given: Field[]; kept: Field[] }[] = [
  { what: "nothing but the edge's own", given: [], kept: [] },
  {
    what: "end-to-end fields in their order, repeated ones too",
    given: [["accept", "a"], ["traceparent", "00-1-2-01"], ["x-request-id", "7"], ["accept", "b"]],
    kept: [["accept", "a"], ["traceparent", "00-1-2-01"], ["x-request-id", "7"], ["accept", "b"]],
  },
  {
    what: "no fields of the connection",
    given: [
      ["connection", "keep-alive"],
      ["keep-alive", "timeout=5"],
      ["proxy-connection", "keep-alive"],
      ["proxy-authorization", "Basic eA=="],
      ["te", "trailers"],
      ["transfer-encoding", "chunked"],
      ["upgrade", "h2c"],
    ],
    kept: [],
  },
  { what: "not what Connection names", given: [["connection", "x-secret, close"], ["x-secret", "1"]], kept: [] },
  {
    what: "what Connection may not name",
    given: [["connection", "cookie, content-length"], ["cookie", "a=1"], ["content-length", "5"]],
    kept: [["cookie", "a=1"], ["content-length", "5"]],
  },
  {
    what: "nothing forged",
    given: [
      ["host", "evil.example"],
      ["forwarded", "for=evil"],
      ["via", "1.0 evil"],
      ["x-forwarded-for", "10.0.0.1"],
      ["x-forwarded-host", "evil.example"],
      ["x-forwarded-proto", "gopher"],
      ["x-forwarded-port", "1"],
      ["x_forwarded_for", "10.0.0.1"],
      ["x-real-ip", "10.0.0.1"],
    ],
    kept: [],
  },
];

for (const { what, given, kept } of CASES) {
  Deno.test(`requestFields() keeps ${what}`, () => {
    assertEquals(requestFields(given, ARRIVAL), [...kept, ...OWN]);
  });
}

Deno.test("responseFields() drops those of the connection, and keeps each Set-Cookie", () => {
  const given: Field[] = [
    ["Set-Cookie", "a=1"],
    ["Set-Cookie", "b=2"],
    ["Connection", "X-Hop"],
    ["X-Hop", "1"],
    ["Transfer-Encoding", "chunked"],
    ["ETag", '"x"'],
  ];
  assertEquals(responseFields(given), [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["etag", '"x"']]);
});
