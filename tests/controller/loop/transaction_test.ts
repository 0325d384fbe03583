import { assertEquals } from "@std/assert";
import { keyOfChange, put, remove } from "../../../lib/cluster/record.ts";
import { transactionOf } from "../../../lib/controller/loop/transaction.ts";
import { seededRandom } from "../../../lib/runtime/random.ts";
import { assignment, idOf, node, service, wallAt } from "../../support/builders.ts";
import { LittleCluster } from "../../support/little_cluster.ts";

const cluster = LittleCluster.of(2, service("web", 2), assignment(1), assignment(2, { draining: true }));
const { state } = cluster;
const minting = { random: seededRandom(1), wall: wallAt(0) };
const replica = idOf("replica", 1);

Deno.test("transactionOf() assigns under the revision that the store will give, which is the fence", () => {
  const start = {
    kind: "start" as const,
    service: "web",
    slot: 1,
    generation: 3,
    node: idOf("node", 2),
    successorOf: replica,
    crashesBefore: 4,
    reason: "because",
  };
  const { changes, expectedRevision, happenings } = transactionOf(state, [start, start], minting);
  assertEquals(expectedRevision, state.revision);
  const records = changes.flatMap((change) =>
    change.op === "put" && change.record.type === "assignment" ? [change.record] : []
  );
  assertEquals(records.map(({ fence }) => fence), [state.revision + 1, state.revision + 1]);
  assertEquals(new Set(records.map(({ id }) => id)).size, 2, "ids are minted here");
  const { id: _, ...first } = records[0]!;
  const { id: __, ...expected } = assignment(1, {
    slot: 1,
    generation: 3,
    node: idOf("node", 2),
    fence: state.revision + 1,
    successor_of: replica,
    crashes_before: 4,
    reason: "because",
  });
  assertEquals(first, expected);
  assertEquals(happenings[0]?.text, "web.1 is assigned to n2: because");
});

Deno.test("transactionOf() withdraws a replica by its record as it is, and says why", () => {
  const { changes, happenings } = transactionOf(state, [{ kind: "stop", replica, reason: "scaled to 0" }], minting);
  assertEquals(changes, [put(assignment(1, { draining: true, reason: "scaled to 0" }))]);
  assertEquals(happenings.map(({ text }) => text), ["web.0 on n1 is stopped: scaled to 0"]);
});

Deno.test("transactionOf() forgets a stopped replica in silence, and tells that a running one is given up", () => {
  const forget = (id: string) =>
    transactionOf(state, [{ kind: "forget", replica: id, reason: "its node is lost" }], minting);
  assertEquals(forget(idOf("replica", 2)).changes, [remove(assignment(2))]);
  assertEquals(forget(idOf("replica", 2)).happenings, []);
  assertEquals(forget(replica).happenings.map(({ text }) => text), ["web.0 on n1 is given up: its node is lost"]);
});

Deno.test("transactionOf() marks nodes and drops services", () => {
  const { changes } = transactionOf(state, [
    { kind: "mark", node: idOf("node", 2), lost: true, losses: 3, reason: "lost" },
    { kind: "drop_service", service: "web", reason: "its last replica has stopped" },
  ], minting);
  assertEquals(changes, [put(node(2, { lost: true, losses: 3 })), remove(service("web", 2))]);
});

Deno.test("transactionOf() skips what is no longer there", () => {
  const { changes } = transactionOf(state, [
    { kind: "stop", replica: idOf("replica", 9), reason: "" },
    { kind: "forget", replica: idOf("replica", 9), reason: "" },
    { kind: "mark", node: idOf("node", 9), lost: true, losses: 1, reason: "" },
    { kind: "drop_service", service: "nobody", reason: "" },
  ], minting);
  assertEquals(changes, []);
});

Deno.test("transactionOf() keeps where a slot's data is, and lets go of it with the service", () => {
  const keeper = LittleCluster.of(2, service("db", 2, { data: { per_slot: true } }));
  const start = (slot: number, n: number) => ({
    kind: "start" as const,
    service: "db",
    slot,
    generation: 1,
    node: idOf("node", n),
    successorOf: null,
    crashesBefore: 0,
    reason: "",
  });
  const homes = (actions: ReturnType<typeof start>[]) =>
    transactionOf(keeper.state, actions, minting).changes.filter((change) => keyOfChange(change).startsWith("slot/"));
  const home = (slot: number, n: number) => ({ type: "slot" as const, service: "db", slot, node: idOf("node", n) });
  assertEquals(homes([start(0, 1), start(1, 2)]), [put(home(0, 1)), put(home(1, 2))]);
  keeper.put(home(0, 1));
  assertEquals(homes([start(0, 1)]), [], "it is known");
  assertEquals(homes([start(0, 2)]), [put(home(0, 2))]);
  const { changes } = transactionOf(keeper.state, [{ kind: "drop_service", service: "db", reason: "" }], minting);
  assertEquals(changes.map(keyOfChange), ["slot/db.0", "service/db"]);
});
