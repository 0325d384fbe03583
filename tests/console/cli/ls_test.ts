import { assertEquals, assertMatch } from "@std/assert";
import type { ServiceView } from "../../../lib/wire/api.ts";
import type { RolloutView } from "../../../lib/wire/change.ts";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";
import { pageOf, serviceView } from "./sample_cluster.ts";

const rollout: RolloutView = {
  phase: "rolling",
  cause: "release",
  from: 2,
  to: 3,
  paused: false,
  began: "2026-03-01T12:00:00.000Z",
  changed: "2026-03-01T12:00:00.000Z",
  reason: "because",
  last_words: [],
  updated: 1,
};

async function show(services: readonly ServiceView[], terminal?: { width: number; colours: boolean }): Promise<string> {
  await using fake = fakeController({ "/v1/services": () => Response.json(pageOf(...services)) });
  const { code, out } = await run(["ls", "--server", fake.server], terminal === undefined ? {} : { terminal });
  assertEquals(code, 0);
  return out;
}

Deno.test({
  name: "ls shows services that need a look first, how their rollouts go and what they wait for",
  ignore: !granted,
  fn: async () => {
    const out = await show([
      serviceView({}, { name: "well", ready: 2, waiting: [] }),
      serviceView({}, { name: "resting", desired: 0, ready: 0, waiting: [] }),
      serviceView({}, { name: "new", waiting: [], rollout }),
      serviceView({}, { name: "broken", waiting: [], rollout: { ...rollout, phase: "failed", reason: "3 crashes" } }),
      serviceView({}, { name: "stuck" }),
    ]);
    const names = out.split("\n").slice(1, 6).map((line) => line.split(" ")[0]);
    assertEquals(names, ["broken", "new", "stuck", "well", "resting"]);
    assertMatch(out, /\nbroken +1\/2 +3 +failed +failed: 3 crashes\n/);
    assertMatch(out, /\nnew +1\/2 +3 +degraded +rolling: 1 of 2 on 3\n/);
    assertMatch(out, /\nresting +0\/0 +3 +at rest\n/);
    assertMatch(out, /\nWAITING +FOR\nstuck +web.1 waits: no node has room\n$/);
  },
});

Deno.test({
  name: "ls paints red what is wrong, and not what merely waits",
  ignore: !granted,
  fn: async () => {
    const terminal = { width: 80, colours: true };
    const starting = await show([serviceView({}, { ready: 0, waiting: [], rollout })], terminal);
    assertEquals([starting.includes("\x1b[31m"), starting.includes("\x1b[33m░░░░░░░░ 0/2")], [false, true]);
    const failed = serviceView({}, { waiting: [], rollout: { ...rollout, phase: "failed" } });
    assertEquals((await show([failed], terminal)).includes("\x1b[31m"), true);
  },
});

Deno.test({
  name: "ls says what to do where there is no service",
  ignore: !granted,
  fn: async () => assertMatch(await show([]), /^No services yet: "controller apply/),
});
