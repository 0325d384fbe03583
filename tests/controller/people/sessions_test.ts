import { assert, assertEquals } from "@std/assert";
import type { Person } from "../../../lib/controller/people/principal.ts";
import { SESSION_MS, Sessions, SESSIONS_PER_PERSON_MAX } from "../../../lib/controller/people/sessions.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";

const ada: Person = { kind: "person", id: "1", name: "ada", role: "viewer", services: [] };

Deno.test("a session lasts 12 hours, or until it is ended", () => {
  let nowMs = 0;
  const sessions = new Sessions({ clock: { ...systemClock, now: () => nowMs }, stands: () => true });
  const [id, other] = [sessions.open(ada), sessions.open(ada)];
  assert(id.length >= 43 && id !== other);
  const left = sessions.find(other)!;
  assert(sessions.stands(left));
  sessions.end(other);
  assert(!sessions.stands(left));
  const found = sessions.find(id)!;
  assertEquals(found, { ...ada, session: found.session! });
  assertEquals([sessions.find(other), sessions.find("")], [undefined, undefined]);
  nowMs = SESSION_MS - 1;
  assertEquals([sessions.find(id), sessions.stands(found)], [found, true]);
  nowMs = SESSION_MS;
  assertEquals([sessions.find(id), sessions.stands(found)], [undefined, false]);
  assert(sessions.stands(ada), "the token itself goes on");
});

Deno.test("a session ends with its token, and one too many ends the oldest of the same token", () => {
  const standing = new Set(["1", "2"]);
  const sessions = new Sessions({ clock: systemClock, stands: ({ id }) => standing.has(id) });
  const others = sessions.open({ ...ada, id: "2" });
  const ids = Array.from({ length: SESSIONS_PER_PERSON_MAX + 1 }, () => sessions.open(ada));
  assertEquals(ids.map((id) => sessions.find(id) !== undefined), ids.map((_, at) => at > 0));
  assertEquals(sessions.find(others)?.id, "2");
  standing.delete("2");
  assertEquals(sessions.find(others), undefined);
});
