import { assertEquals } from "@std/assert";
import type { JoinTokenRecord, RevocationRecord } from "../../../lib/cluster/membership.ts";
import { put, remove } from "../../../lib/cluster/record.ts";
import { Members } from "../../../lib/controller/identity/members.ts";
import { idOf, node } from "../../support/builders.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 0, 1);
const at = (ms: number) => new Date(NOW_MS + ms).toISOString();

function membersAt(nowMs = NOW_MS) {
  const clock = { now: nowMs };
  return { clock, members: new Members({ wall: () => clock.now }) };
}

function revocation(n: number, atMs: number): RevocationRecord {
  return { type: "revocation", id: idOf("agent", n), at: at(atMs), until: at(atMs + DAY_MS) };
}

const joinToken: JoinTokenRecord = {
  type: "join_token",
  id: idOf("replica", 1),
  hash: "",
  role: "node",
  labels: {},
  created_at: at(0),
  expires_at: at(900_000),
  used_by: null,
};

Deno.test("Members finds nodes by identity and address, as they are now", () => {
  const { members } = membersAt();
  const first = node(1);
  members.load({ cluster: "", epoch: 1, revision: 1, records: [{ record: first, revision: 1 }] });
  assertEquals(members.identityAt(first.url), first.identity);
  const moved = { ...first, url: "https://10.0.0.99:9090" };
  members.follow({ revision: 2, changes: [put(moved)] });
  assertEquals(members.identityAt(moved.url), first.identity!);
  // Another agent takes the address over, in one commit or the other order.
  const second = { ...node(2), url: moved.url };
  members.follow({ revision: 3, changes: [put(second), remove(moved)] });
  assertEquals(members.identityAt(moved.url), second.identity!);
  assertEquals([members.nodeOf(first.identity!), members.nodeOf(second.identity!)], [undefined, second]);
  members.follow({ revision: 4, changes: [remove(second)] });
  assertEquals(members.identityAt(moved.url), second.identity!, "it is told to stop what it runs");
});

Deno.test("Members believes an agent while its node is there, and after a removal only what was issued since", () => {
  const { members } = membersAt();
  const record = node(1);
  const identity = record.identity!;
  assertEquals(members.isMember(identity, new Date(NOW_MS)), false);
  members.follow({ revision: 1, changes: [put(record)] });
  assertEquals(members.isMember(identity, new Date(NOW_MS)), true);
  assertEquals(
    members.follow({ revision: 2, changes: [remove(record), put({ ...revocation(1, 0), id: identity })] }),
    true,
  );
  assertEquals(members.isMember(identity, new Date(NOW_MS)), false);
  assertEquals(members.follow({ revision: 3, changes: [put(record)] }), false);
  assertEquals(members.isMember(identity, new Date(NOW_MS)), false, "what it had before");
  assertEquals(members.isMember(identity, new Date(NOW_MS + 1_000)), true, "what it was given anew");
});

Deno.test("Members tells of revocations until they are over, and what may be removed then", () => {
  const { clock, members } = membersAt();
  members.follow({ revision: 1, changes: [put(revocation(1, 0)), put(joinToken)] });
  assertEquals(members.revoked(), [{ node: idOf("agent", 1), at: at(0) }]);
  assertEquals([members.joinToken(joinToken.id), members.outdated()], [joinToken, []]);
  clock.now += 2 * DAY_MS;
  assertEquals(members.revoked(), []);
  assertEquals(members.outdated(), [revocation(1, 0), joinToken]);
  members.follow({ revision: 2, changes: members.outdated().map(remove) });
  assertEquals([members.outdated(), members.joinTokens()], [[], []]);
});
