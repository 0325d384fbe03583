import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodeChunk, encodeLastChunk, encodeRequestHead, encodeResponseHead } from "../../../lib/wire/http1/encode.ts";
import { decodeLatin1 } from "../../../lib/wire/http1/octets.ts";
import { RequestReader } from "../../../lib/wire/http1/request.ts";
import { contentIn, transcript } from "./transcript.ts";

Deno.test("encodeRequestHead() writes target, names and values byte for byte", () => {
  const bytes = encodeRequestHead({ method: "GET", target: "/a%2Fb/../c", fields: [["hOsT", "a"], ["X", "\xe4\x80"]] });
  assertEquals(decodeLatin1(bytes), "GET /a%2Fb/../c HTTP/1.1\r\nhOsT: a\r\nX: \xe4\x80\r\n\r\n");
});

Deno.test("encodeResponseHead() gives the usual reason unless one is said", () => {
  assertEquals(decodeLatin1(encodeResponseHead({ status: 404, fields: [] })), "HTTP/1.1 404 Not Found\r\n\r\n");
  assertEquals(decodeLatin1(encodeResponseHead({ status: 299, reason: "Hm", fields: [] })), "HTTP/1.1 299 Hm\r\n\r\n");
});

Deno.test("encode refuses what would break out of its line", () => {
  for (const value of ["a\r\nB: c", "a\nb", "a\0", "\u{1f600}"]) {
    assertThrows(() => encodeResponseHead({ status: 200, fields: [["A", value]] }), TypeError, '"A"');
    assertThrows(() => encodeResponseHead({ status: 200, reason: value, fields: [] }), TypeError);
    assertThrows(() => encodeRequestHead({ method: "GET", target: `/${value}`, fields: [] }), TypeError, "target");
  }
  assertThrows(() => encodeResponseHead({ status: 200, fields: [["A B", "c"]] }), TypeError, "field name");
  assertThrows(() => encodeRequestHead({ method: "G T", target: "/", fields: [] }), TypeError, "method");
});

Deno.test("encodeChunk() and encodeLastChunk() are read back as what was sent", () => {
  const head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 70 })), (pieces) => {
    const body = pieces.map((piece) => decodeLatin1(encodeChunk(piece))).join("");
    const lines = transcript(new RequestReader(), head + body + decodeLatin1(encodeLastChunk([["A", "b"]])));
    assertEquals(contentIn(lines), pieces.map((piece) => decodeLatin1(piece)).join(""));
    assertEquals(lines.at(-1), { kind: "end", trailers: [["A", "b"]] });
  }));
});
