import { assertEquals, assertRejects } from "@std/assert";
import { AuditFailedError } from "../../../lib/controller/audit/audit_log.ts";
import { audited } from "../../../lib/controller/audit/audited.ts";
import type { AuditEntry } from "../../../lib/wire/audit.ts";

const question = {
  request: "r1",
  who: "person alice (operator)",
  from: "10.0.0.7",
  method: "POST",
  path: "/scale",
  what: "replicas=5",
};
const { what: _, ...asker } = question;

/** An audit log that keeps entries, and refuses those of the kinds given. */
function fakeAudit(refused: readonly AuditEntry["kind"][] = []) {
  const entries: AuditEntry[] = [];
  const append = (entry: AuditEntry) => {
    if (refused.includes(entry.kind)) return Promise.reject(new AuditFailedError("Cannot record: no room"));
    entries.push(entry);
    return Promise.resolve();
  };
  return { entries, append };
}

Deno.test("audited() records a write before it is made, and its answer before that is given", async () => {
  const audit = fakeAudit();
  const answer = await audited(audit, question, () => {
    assertEquals(audit.entries, [{ kind: "asked", ...question }]);
    return new Response("done", { status: 202 });
  });
  assertEquals(audit.entries.slice(1), [{ kind: "answered", ...asker, status: 202 }]);
  assertEquals([answer.status, await answer.text()], [202, "done"]);
});

Deno.test("audited() makes no write that it can't record, and answers 503", async () => {
  let made = 0;
  const answer = await audited(fakeAudit(["asked"]), question, () => new Response(`${made++}`));
  assertEquals([made, answer.status, answer.headers.get("retry-after")], [0, 503, "5"]);
  assertEquals((await answer.json()).detail, "Cannot record: no room");
});

Deno.test("audited() gives the answer of a write that was made even if that can't be recorded", async () => {
  const answer = await audited(fakeAudit(["answered"]), question, () => new Response("done"));
  assertEquals(await answer.text(), "done");
});

Deno.test("audited() records a write that fails by surprise with the status that it is answered with", async () => {
  const audit = fakeAudit();
  await assertRejects(() => audited(audit, question, () => Promise.reject(new Error("bug"))), Error, "bug");
  assertEquals(audit.entries[1], { kind: "answered", ...asker, status: 500 });
});

Deno.test("audited() lets a bug of the audit log itself show", async () => {
  const append = () => Promise.reject(new TypeError("bug"));
  await assertRejects(() => audited({ append }, question, () => new Response()), TypeError, "bug");
});
