import { assertEquals, assertRejects } from "@std/assert";
import { connectChecked } from "../../../lib/wire/client/checked_client.ts";
import { Unreachable } from "../../../lib/wire/client/problem_error.ts";
import { CONTRACT } from "../../../lib/wire/contract/contract.ts";
import type { Operation } from "../../../lib/wire/contract/operation.ts";
import { rehearsalOf } from "../../../lib/wire/contract/rehearsal.ts";

const { signal } = new AbortController();

/** A client of a controller that answers everything with this. */
function answeredBy(body: unknown) {
  return connectChecked({ server: "http://test", fetch: () => Promise.resolve(Response.json(body)) });
}

const TOKEN = {
  ...{ id: "b5d1", name: "ci", role: "viewer", services: [], created_at: "2026-03-01T12:00:00Z" },
  ...{ expires_at: null, last_used_at: null },
} as const;
const PLANNED = { services: [], actions: [], waits: [], complete: true, cut_short: null };

Deno.test("a rehearsal is read as what it answers: without the secret, and with dry_run", async () => {
  const body = { name: "ci", role: "viewer" } as const;
  const client = answeredBy({ ...TOKEN, dry_run: true });
  const made = await client.createToken({ body, query: { dry_run: true } }, { signal });
  assertEquals<{ dry_run: true; name: string }>(made, { ...TOKEN, dry_run: true });
  await assertRejects(() => client.createToken({ body }, { signal }), Unreachable, "not a controller's");
  await assertRejects(() => client.createToken({ body, query: { dry_run: false } }, { signal }), Unreachable);
});

Deno.test("a rehearsal of apply is a plan, and its answer is what came of it", async () => {
  const planned = await answeredBy(PLANNED).apply({ body: "[]", query: { dry_run: true } }, { signal });
  assertEquals(planned.complete, true);
  const applied = await answeredBy({ services: [], revision: 4 }).apply({ body: "[]" }, { signal });
  assertEquals(applied.revision, 4);
  await assertRejects(() => answeredBy(PLANNED).apply({ body: "[]" }, { signal }), Unreachable);
});

Deno.test("an answer that did the thing doesn't pass for a rehearsal", async () => {
  const client = answeredBy({ service: "web", desired: 3, revision: 7 });
  const asked = { name: "web", body: { replicas: 3 }, query: { dry_run: true } } as const;
  await assertRejects(() => client.scaleService(asked, { signal }), Unreachable);
});

Deno.test("whatever can be rehearsed says what that answers", () => {
  const operations: [string, Operation][] = Object.entries(CONTRACT);
  const unsaid = operations.filter(([, operation]) =>
    "dry_run" in (operation.query ?? {}) && rehearsalOf(operation) === undefined
  );
  assertEquals(unsaid.map(([name]) => name), []);
});
