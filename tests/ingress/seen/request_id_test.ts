import { assertEquals } from "@std/assert";
import { REQUEST_ID_BYTES, requestIdOf } from "../../../lib/ingress/seen/request_id.ts";

const bytes = new Uint8Array(REQUEST_ID_BYTES).fill(0xab);
const MADE = "ab".repeat(REQUEST_ID_BYTES);

Deno.test("requestIdOf() keeps what a trusted peer has named, and nobody else", () => {
  const fields = [["X-Request-ID", "a1b2-c3.d4"]] as const;
  assertEquals(requestIdOf(fields, { isTrusted: true, bytes }), "a1b2-c3.d4");
  assertEquals(requestIdOf(fields, { isTrusted: false, bytes }), MADE);
  assertEquals(requestIdOf([], { isTrusted: true, bytes }), MADE);
});

for (const given of ["", "a b", 'a"b', "<b>", "a\tb", "é", "x".repeat(129), "a;b", "$(x)", "a\nb"]) {
  Deno.test(`requestIdOf() makes an id instead of ${JSON.stringify(given.slice(0, 20))}`, () => {
    assertEquals(requestIdOf([["x-request-id", given]], { isTrusted: true, bytes }), MADE);
  });
}
