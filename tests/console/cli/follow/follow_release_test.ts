import { assertEquals } from "@std/assert";
import { type Goal, standingOf } from "../../../../lib/console/cli/follow/follow.ts";
import type { ReplicaView, ServiceView } from "../../../../lib/wire/api.ts";
import { replica, rollout, service, sight, spec } from "../seen_views.ts";

const TO_2: Goal = { kind: "release", service: "web", generation: 2 };

function standing(fields: Partial<ServiceView>, replicas: readonly ReplicaView[] = []) {
  const services = [service({ generation: 2, ...fields })];
  return standingOf(TO_2, sight({ services, replicas: [...replicas] }));
}

Deno.test("a release tells how many are updated, and is over when its rollout is done and nothing is beside it", () => {
  const waiting = ["web.1 waits: takes over once it was ready for 5s"];
  const underWay = standing({ rollout: rollout({ updated: 1 }), ready: 4, assigned: 4, waiting });
  assertEquals(
    underWay.line,
    "web  generation 2  1/3 updated  4 ready  waiting: web.1: takes over once it was ready for 5s",
  );
  assertEquals(underWay.ending, undefined);
  const done = rollout({ phase: "done", updated: 3 });
  assertEquals(standing({ rollout: done, ready: 4, assigned: 4 }).ending, undefined);
  assertEquals(standing({ rollout: done }).ending, { kind: "reached", text: "web  generation 2 runs: 3 of 3 ready" });
});

Deno.test("a new service has no rollout: it is over when it runs", () => {
  assertEquals(standing({ ready: 1 }), { line: "web  generation 2  1/3 ready" });
  assertEquals(standing({}).ending?.kind, "reached");
  assertEquals(standing({ generation: 1 }), { line: "web  generation 2  not begun" });
});

Deno.test("a release that failed without a rollback says why, with its last words", () => {
  const failed = rollout({ phase: "failed", reason: "web.0 crashed 3 times", last_words: ["oh"] });
  const { ending } = standing({ rollout: failed });
  assertEquals(ending?.kind === "failed" && [ending.text, ending.lastWords, ending.next?.includes("rollback web")], [
    "web: generation 2 failed: web.0 crashed 3 times",
    ["oh"],
    true,
  ]);
});

Deno.test("a release that is rolled back is followed to the end of that, and has failed", () => {
  const back = rollout({
    cause: "rollback",
    from: 1,
    to: 3,
    reason: "generation 2 failed: web.0 crashed 3 times",
    last_words: ["oh"],
  });
  const underWay = standing({ generation: 3, cause: "rollback", rollout: back });
  assertEquals(underWay, {
    line: "web  generation 2 is rolled back to generation 1: generation 2 failed: web.0 crashed 3 times",
  });
  assertEquals(standing({ generation: 3, cause: "rollback", rollout: { ...back, phase: "done" } }).ending, {
    kind: "failed",
    text: "web: generation 2 failed: web.0 crashed 3 times; rolled back to generation 1",
    lastWords: ["oh"],
  });
});

Deno.test("a release that another one overtakes has failed, and says whose", () => {
  const { ending } = standing({ generation: 3, by: "bob", rollout: rollout({ to: 3, from: 1 }) });
  assertEquals(
    ending?.kind === "failed" && ending.text,
    "web: generation 2 was overtaken by generation 3, a release of bob",
  );
});

Deno.test("a pause, and a canary that is ready, are held for somebody's word", () => {
  const paused = standing({ rollout: rollout({ paused: true, reason: "paused by ada" }) }).ending;
  assertEquals(paused?.kind === "held" && paused.next.includes("controller resume web"), true);

  const canary = { rollout: rollout({ phase: "canary" }), spec: spec({ update: { canary: 2 } }) };
  const tried = [0, 1].map((slot) => replica({ slot, generation: 2 }));
  assertEquals(standing(canary, tried.slice(1)).ending, undefined);
  assertEquals(standing(canary, tried).ending?.kind, "held");
  const byItself = { ...canary, spec: spec({ update: { canary: 2, auto_promote: true } }) };
  assertEquals(standing(byItself, tried).ending, undefined);
  const green = { ...canary, spec: spec({ update: { strategy: "blue_green" } }) };
  assertEquals(standing(green, tried).ending, undefined);
  assertEquals(standing(green, [...tried, replica({ slot: 2, generation: 2 })]).ending?.kind, "held");
});
