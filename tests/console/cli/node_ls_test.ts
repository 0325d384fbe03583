import { assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";
import { nodeView, pageOf } from "./sample_cluster.ts";

Deno.test({
  name: "node ls shows what is reserved of what there is, and how far a drain has come",
  ignore: !granted,
  fn: async () => {
    const drain = {
      since: "2026-03-01T12:00:00.000Z",
      by: "ada",
      deadline: null,
      deadline_at: null,
      overdue: false,
      moved: 2,
      remaining: 1,
      waiting: ["db.0: its data is there"],
    };
    const nodes = [
      nodeView(),
      nodeView({}, { name: "n2", draining: true, drain }),
      nodeView({}, { name: "n3", status: "lost", last_seen_s: null, version: "0.0.9", skew: "older", labels: {} }),
    ];
    await using fake = fakeController({ "/v1/nodes": () => Response.json(pageOf(...nodes)) });
    const { code, out } = await run(["node", "ls", "--server", fake.server]);
    assertEquals(code, 0);
    assertMatch(
      out,
      /\nn3 +lost +2 +1.5\/4 +512 MiB\/8.0 GiB +never +0.0.9 older\nn2 +draining .*\nn1 +ready .* zone=a\n/,
    );
    assertMatch(out, /\nDRAINING +HOW FAR\nn2 +2 moved, 1 left; db.0: its data is there\n$/);
  },
});
