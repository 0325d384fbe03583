import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { put, remove } from "../../../lib/cluster/record.ts";
import { hashOf, holdsSecret, newSecret, Tokens } from "../../../lib/controller/people/tokens.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { tokenRecord } from "../../support/store_records.ts";

Deno.test("newSecret() gives 256 random bits in a form of its own", () => {
  const [one, other] = [newSecret(), newSecret()];
  assertMatch(one, /^muster_[A-Za-z0-9_-]{43}$/);
  assertNotEquals(one, other);
  assert(holdsSecret(`http://x/?a=b${one}&c`));
  assert(!holdsSecret("http://x/v1/services/muster_web"));
});

Deno.test("a token counts from its commit to its removal, and only the token itself does", () => {
  const tokens = new Tokens(systemClock);
  const record = tokenRecord({ hash: hashOf("secret"), role: "operator", services: ["web"] });
  tokens.load({
    cluster: "c",
    epoch: 1,
    revision: 1,
    records: [{ record: tokenRecord({ name: "bob" }), revision: 1 }],
  });
  assertEquals(tokens.personOf("secret"), undefined);
  tokens.follow({ revision: 2, changes: [put(record)] });
  const { id, name, role, services } = record;
  const person = { kind: "person" as const, id, name, role, services };
  assertEquals(tokens.personOf("secret"), person);
  for (const wrong of ["", "secre", "secrets", record.hash]) assertEquals(tokens.personOf(wrong), undefined);
  assertEquals([tokens.stands(person), tokens.called("ada")?.id, tokens.called(id)?.name], [true, id, "ada"]);
  tokens.follow({ revision: 3, changes: [remove(record)] });
  assertEquals([tokens.personOf("secret"), tokens.stands(person), tokens.all().length], [undefined, false, 1]);
});

Deno.test("a token expires by the wall clock, and its use is remembered", () => {
  let wallMs = Date.parse("2026-01-01T00:00:00Z");
  const tokens = new Tokens({ ...systemClock, wall: () => wallMs });
  const record = tokenRecord({ hash: hashOf("secret"), expires_at: "2026-01-01T00:00:10.000Z" });
  tokens.follow({ revision: 1, changes: [put(record)] });
  assertEquals(tokens.lastUsedMs(record.id), undefined);
  const person = tokens.personOf("secret");
  assertEquals(tokens.lastUsedMs(record.id), wallMs);
  wallMs += 9_999;
  assert(person !== undefined && tokens.stands(person));
  wallMs += 1;
  assertEquals([tokens.stands(person), tokens.personOf("secret"), tokens.hasExpired(record)], [false, undefined, true]);
});
