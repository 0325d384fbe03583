import { assertEquals } from "@std/assert";
import { hashByOf, hashKeyOf } from "../../../lib/ingress/balance/hash_key.ts";
import type { Fields } from "../../../lib/wire/http1/fields.ts";

const fields: Fields = [["X-Tenant", "t1"], ["Cookie", "sid=42; x-tenant=c"]];
const request = { fields, source: "192.0.2.7" };

Deno.test("a request's key is the client's address, a field in any letters, or a cookie in its own", () => {
  assertEquals(hashKeyOf(hashByOf("source"), request), "192.0.2.7");
  assertEquals(hashKeyOf(hashByOf("header:X-TENANT"), request), "t1");
  assertEquals(hashKeyOf(hashByOf("cookie:sid"), request), "42");
  assertEquals(hashKeyOf(hashByOf("cookie:SID"), request), undefined);
  assertEquals(hashKeyOf(hashByOf("header:sid"), request), undefined);
});
