import { assertEquals, assertStringIncludes } from "@std/assert";
import { auditRoutes } from "../../../lib/controller/api/audit.ts";
import type { Call } from "../../../lib/controller/api/context.ts";
import { startApi } from "./harness.ts";

/** Asks the route with a query, and gives the answer and what the audit log was asked. */
async function ask(search: string) {
  const asked: unknown[] = [];
  const read = (options: unknown) => {
    asked.push(options);
    return Promise.resolve({ entries: [], next: 7 });
  };
  const query = new URLSearchParams(search);
  const req = { query: (name: string) => query.get(name) ?? undefined };
  const response = await auditRoutes[0]!.handle({ req, var: { api: { audit: { read } } } } as unknown as Call);
  return { status: response.status, body: await response.json(), asked };
}

Deno.test("GET /v1/audit gives a page: the newest lines, or those behind a number", async () => {
  assertEquals([auditRoutes.length, auditRoutes[0]!.method, auditRoutes[0]!.path], [1, "GET", "/v1/audit"]);
  const newest = await ask("");
  assertEquals(newest, { status: 200, body: { entries: [], next: 7 }, asked: [{ after: undefined, limit: 100 }] });
  assertEquals((await ask("after=0&limit=1000")).asked, [{ after: 0, limit: 1_000 }]);
});

Deno.test("GET /v1/audit refuses what is no number or too much, before it reads anything", async () => {
  await using harness = await startApi();
  const asked: unknown[] = [];
  harness.api.audit.read = (options) => {
    asked.push(options);
    return Promise.resolve({ entries: [], next: null });
  };
  for (const search of ["after=-1", "after=x", "after=", "limit=0", "limit=1001", "limit=x", "limit=1.5"]) {
    const response = await harness.call("GET", `/v1/audit?${search}`);
    assertEquals([response.status, asked], [400, []], search);
    assertStringIncludes((await response.json()).detail, "a whole number");
  }
});
