import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";

Deno.test({
  name: "rebalance shows what moves and why, or that nothing does",
  ignore: !granted,
  fn: async () => {
    const move = {
      replica: "r",
      service: "web",
      slot: 2,
      from: "alpha",
      to: "beta",
      gain: 2,
      reason: "beta has 1\x1b[2J",
    };
    const answers = [{ moves: [move] }, { moves: [] }];
    await using fake = fakeController({ "/v1/rebalance": () => Response.json(answers.shift(), { status: 202 }) });
    const env = { MUSTER_SERVER: fake.server };
    const { out, errors } = await run(["rebalance", "--dry-run"], { env });
    assertMatch(out, /^REPLICA.*\nweb\.2 +alpha +beta +beta has 1\n$/);
    assertStringIncludes(errors, "Nothing was changed");
    assertEquals((await run(["rebalance"], { env })).out, "Nothing to move: all nodes have their share.\n");
  },
});
