import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Goal, standingOf, watchAgain } from "../../../../lib/console/cli/follow/follow.ts";
import { node, replica, service, sight } from "../seen_views.ts";

const SCALED: Goal = { kind: "scaled", service: "web", desired: 3 };
const GONE: Goal = { kind: "gone", service: "web" };
const READY: Goal = { kind: "ready", service: "web" };
const DRAINED: Goal = { kind: "drained", node: "n1", name: "alpha" };
const RESTARTED: Goal = {
  kind: "restarted",
  service: "web",
  replica: replica().id,
  name: "web.0",
  instance: "i1",
};

Deno.test("standingOf() a scale is reached with as many replicas as wanted, ready, and none beside them", () => {
  assertEquals(standingOf(SCALED, sight({ services: [service()] })).ending, {
    kind: "reached",
    text: "web  3 of 3 ready",
  });
  assertEquals(standingOf(SCALED, sight({ services: [service({ ready: 2 })] })), { line: "web  2/3 ready" });
  assertEquals(standingOf(SCALED, sight({ services: [service({ ready: 5, assigned: 5 })] })), {
    line: "web  5/3 ready  2 to stop",
  });
});

Deno.test("standingOf() a scale is over when somebody wants another one, and when the service goes", () => {
  const other = standingOf(SCALED, sight({ services: [service({ desired: 9 })] })).ending;
  assertEquals(other?.kind === "failed" && other.text, "web: somebody scaled it to 9 meanwhile");
  assertEquals(standingOf(SCALED, sight({})).ending?.kind, "failed");
  assertEquals(standingOf(SCALED, sight({ services: [service({ removed: true })] })).ending?.kind, "failed");
});

Deno.test("standingOf() says what is waited for, and that nothing is on its way", () => {
  const waiting = ["web.2 waits: no node has room", "web.3 waits: no node has room"];
  const seen = { services: [service({ ready: 2, assigned: 2, waiting })] };
  assertEquals(standingOf(SCALED, sight(seen)), {
    line: "web  2/3 ready  waiting: web.2: no node has room (and 1 more)",
    stuck: true,
  });
  const starting = { services: [service({ ready: 1, assigned: 2, waiting })] };
  assertEquals(standingOf(SCALED, sight(starting)).stuck, undefined);
  assertEquals(standingOf(SCALED, sight(seen, { heldUp: "nodes are not heard yet" })).stuck, undefined);
});

Deno.test("standingOf() a replica that crashed three times ends the wait; one that is well again does not", () => {
  const services = [service({ ready: 2 })];
  const crashed = replica({ ready: false, crashes: 3, reason: "exit code 1" });
  const { ending } = standingOf(SCALED, sight({ services, replicas: [crashed] }));
  assertEquals(ending?.kind === "failed" && [ending.text, ending.replica], [
    "web.0 crashed 3 times: exit code 1",
    crashed.id,
  ]);
  for (const fields of [{ ready: true }, { crashes: 2 }, { generation: 9 }]) {
    const replicas = [{ ...crashed, ...fields }];
    assertEquals(standingOf(SCALED, sight({ services, replicas })).ending, undefined, JSON.stringify(fields));
  }
  const once = replica({ ready: false, crashes: 1, reason: "exit code 1" });
  assertStringIncludes(standingOf(SCALED, sight({ services, replicas: [once] })).line, "waiting: web.0: exit code 1");
});

Deno.test("standingOf() ready takes no notice of what runs beside", () => {
  assertEquals(standingOf(READY, sight({ services: [service({ assigned: 4 })] })).ending?.kind, "reached");
  assertEquals(standingOf(READY, sight({ services: [service({ ready: 2 })] })).ending, undefined);
});

Deno.test("standingOf() a restarted replica has another process, which is ready", () => {
  const services = [service()];
  const standing = (fields: Parameters<typeof replica>[0]) =>
    standingOf(RESTARTED, sight({ services, replicas: [replica(fields)] }));
  assertEquals(standing({}), { line: "web.0  restarting" });
  // Its former process ends, which looks as if it went for good.
  assertEquals(standing({ phase: "stopping", ready: false }), { line: "web.0  restarting" });
  assertEquals(standing({ instance: "i2", ready: false, phase: "starting" }), { line: "web.0  starting" });
  assertEquals(standing({ instance: "i2" }).ending?.kind, "reached");
  assertEquals(standingOf(RESTARTED, sight({ services })).ending?.kind, "failed");
});

Deno.test("standingOf() a service is gone when it isn't there, and until then its replicas are counted", () => {
  assertEquals(standingOf(GONE, sight({})).ending, { kind: "reached", text: "web  is gone" });
  const leaving = service({ removed: true, desired: 0, ready: 0, assigned: 1 });
  assertEquals(standingOf(GONE, sight({ services: [leaving] })), { line: "web  1 replica left" });
});

Deno.test("standingOf() a node is drained when it is empty; what stays is told", () => {
  const drain = {
    ...{ since: "x", by: "ada", deadline: null, deadline_at: null, overdue: false },
    ...{ moved: 4, remaining: 2, waiting: ["web.1 waits: no other node has room"] },
  };
  const draining = node({ draining: true, replicas: 2, drain });
  assertEquals(standingOf(DRAINED, sight({ nodes: [draining] })), {
    line: "alpha  4 moved  2 left  waiting: web.1: no other node has room",
  });
  const over = { ...draining, drain: { ...drain, overdue: true } };
  assertStringIncludes(standingOf(DRAINED, sight({ nodes: [over] })).line, "its deadline is over");
  const empty = { ...draining, replicas: 0, drain: { ...drain, remaining: 0 } };
  assertEquals(standingOf(DRAINED, sight({ nodes: [empty] })).ending, {
    kind: "reached",
    text: "alpha  is empty: 4 replicas moved",
  });
  assertEquals(standingOf(DRAINED, sight({ nodes: [node()] })).ending?.kind, "failed");
  assertEquals(standingOf(DRAINED, sight({})).ending?.kind, "reached");
});

Deno.test("standingOf() ends nothing while the controller is away", () => {
  for (const goal of [SCALED, GONE, READY, DRAINED, RESTARTED]) {
    const { line, ending } = standingOf(goal, sight({}, { away: "Cannot reach it" }));
    assertEquals(ending, undefined);
    assertStringIncludes(line, "waiting for the controller: Cannot reach it");
  }
});

Deno.test("watchAgain() names the command that goes on", () => {
  assertEquals([SCALED, GONE, DRAINED, { kind: "release", service: "web", generation: 2 } as const].map(watchAgain), [
    "controller wait --for ready web",
    "controller wait --for gone web",
    "controller wait --for drained alpha",
    "controller wait --for rollout web",
  ]);
});
