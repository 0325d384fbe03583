import { assertEquals } from "@std/assert";
import type { Call } from "../../../lib/controller/api/context.ts";
import { type Principal, TOKEN_FILE_PERSON } from "../../../lib/controller/people/principal.ts";
import { questionOf } from "../../../lib/controller/audit/question.ts";
import { seededRandom } from "../../../lib/runtime/random.ts";

function question(who: Principal, { url = "http://10.0.0.1:8000/v1/services/web", body = "" } = {}) {
  const call = {
    req: { url, method: "PUT" },
    env: { who, from: "10.0.0.7" },
    var: { body, api: { random: seededRandom(1) } },
  };
  return questionOf(call as unknown as Call);
}

Deno.test("questionOf() tells who asks, from where and what for, without secrets", () => {
  const alice: Principal = { kind: "person", id: "t1", name: "alice", role: "operator", services: [] };
  const url = "https://10.0.0.1:8000/v1/services/web?force=true";
  assertEquals(question(alice, { url, body: '{"env":{"KEY":"hunter2"}}' }), {
    request: seededRandom(1).uuid(),
    who: "person alice (operator, token t1)",
    from: "10.0.0.7",
    method: "PUT",
    path: "/v1/services/web",
    what: "?force=true env={KEY}",
  });
});

Deno.test("questionOf() names nodes by their ids, the token file as such, and nobody as anyone", () => {
  assertEquals(question({ kind: "node", node: "n1" }).who, "node n1");
  assertEquals(question(TOKEN_FILE_PERSON).who, "token-file");
  assertEquals(question({ kind: "anyone" }).who, "anyone");
});
