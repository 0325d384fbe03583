import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError, UsageError } from "../../../../lib/console/cli/exit_code.ts";
import { isReplicaName, resolveReplica } from "../../../../lib/console/cli/changing/resolve_replica.ts";
import type { ReplicaView } from "../../../../lib/wire/api.ts";
import { replica } from "../seen_views.ts";

const { signal } = new AbortController();
const ID = "11111111-2222-4333-8444-555555555555";

function clientWith(...replicas: readonly ReplicaView[]) {
  return {
    getReplica: ({ id }: { id: string }) => Promise.resolve(replica({ id })),
    listReplicas: () => Promise.resolve({ items: [...replicas], next_cursor: null }),
  };
}

Deno.test("resolveReplica() takes an id as it is, and a name by its slot", async () => {
  const client = clientWith(replica({ slot: 1, id: "a" }), replica({ slot: 12, id: "b" }));
  assertEquals((await resolveReplica(client, ID, { signal })).id, ID);
  assertEquals((await resolveReplica(client, "web.12", { signal })).id, "b");
});

Deno.test("resolveReplica() takes of several in a slot the one that is to stay", async () => {
  const former = replica({ id: "a", fence: 1 });
  assertEquals((await resolveReplica(clientWith(former, replica({ id: "b", fence: 2 })), "web.0", { signal })).id, "b");
  const leaving = replica({ id: "b", fence: 2, phase: "draining" });
  assertEquals((await resolveReplica(clientWith(former, leaving), "web.0", { signal })).id, "a");
});

Deno.test("resolveReplica() says which replicas there are, and what a name looks like", async () => {
  const client = clientWith(replica(), replica({ slot: 1 }));
  const message = "Cannot find the replica web.7: web has web.0, web.1";
  await assertRejects(() => resolveReplica(client, "web.7", { signal }), NotFoundError, message);
  await assertRejects(() => resolveReplica(clientWith(), "web.7", { signal }), NotFoundError, "web has none now");
  for (const called of ["web.x", "web.", "we b.1", "../x.1"]) {
    await assertRejects(() => resolveReplica(client, called, { signal }), UsageError, "such as web.0");
  }
});

Deno.test("isReplicaName() tells replicas from services", () => {
  assertEquals(["web.0", ID, "web", "web-2"].map(isReplicaName), [true, true, false, false]);
});
