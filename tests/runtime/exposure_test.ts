import { assertEquals, assertMatch } from "@std/assert";
import { isLoopback, warningOf } from "../../lib/runtime/exposure.ts";

const OPEN = { host: "10.0.0.1", guarded: false, encrypted: false, deed: "do harm", instead: "don't" };

Deno.test("isLoopback() tells addresses that only this host reaches", () => {
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "::1"]) assertEquals(isLoopback(host), true, host);
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.org", "1127.0.0.1"]) {
    assertEquals(isLoopback(host), false, host);
  }
});

Deno.test("warningOf() is loudest where everybody comes in, and says nothing where nobody does or all is encrypted", () => {
  assertMatch(warningOf(OPEN) ?? "", /^INSECURE: everybody who reaches 10\.0\.0\.1 can do harm;.*don't$/);
  assertMatch(warningOf({ ...OPEN, guarded: true }) ?? "", /^The token and all traffic pass in clear text.*don't$/);
  assertEquals(warningOf({ ...OPEN, host: "127.0.0.1" }), undefined);
  assertEquals(warningOf({ ...OPEN, encrypted: true }), undefined);
});
