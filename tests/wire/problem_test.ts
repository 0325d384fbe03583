import { assertEquals } from "@std/assert";
import { problem } from "../../lib/wire/problem.ts";

Deno.test("problem() answers with RFC 9457 and a type that stays", async () => {
  const response = problem({
    type: "unknown-service",
    title: "Unknown service",
    status: 404,
    detail: 'there is no "web"',
    headers: { "retry-after": "1" },
  });
  assertEquals(response.status, 404);
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  assertEquals(response.headers.get("retry-after"), "1");
  assertEquals(await response.json(), {
    type: "urn:muster:problem:unknown-service",
    title: "Unknown service",
    status: 404,
    detail: 'there is no "web"',
  });
});
