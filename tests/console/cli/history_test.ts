import { assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";
import { answersOf } from "./sample_cluster.ts";

Deno.test({
  name: "history shows when, by whom, what changed and how it went",
  ignore: !granted,
  fn: async () => {
    await using fake = fakeController(answersOf());
    const { code, out } = await run(["history", "web", "--server", fake.server]);
    assertEquals(code, 0);
    assertMatch(out, /\n +3 +2026-03-01 12:00:00 +ada +release +present +command, env.LEVEL\n/);
    assertMatch(out, /\n +2 .* failed +command, env.LEVEL\n$/);
  },
});

Deno.test("history asks for a service's name", async () => assertEquals((await run(["history"])).code, 2));
