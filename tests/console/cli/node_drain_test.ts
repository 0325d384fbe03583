import { assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run, watchStream } from "./fake_controller.ts";
import { snapshot } from "../../support/views.ts";
import { changes, node } from "./seen_views.ts";

const WRITTEN = { id: "n1", name: "alpha", draining: true, deadline: null, labels: {}, revision: 6 };

function drain(moved: number, remaining: number) {
  const told = { since: "x", by: "ada", deadline: null, deadline_at: null, overdue: false, waiting: [] };
  return { draining: true, replicas: remaining, drain: { ...told, moved, remaining } };
}

Deno.test({
  name: "node drain passes its deadline on and follows until the node is empty",
  ignore: !granted,
  fn: async () => {
    const asked: unknown[] = [];
    await using fake = fakeController({
      "/v1/nodes/alpha/drain": async (request) => {
        asked.push(await request.json());
        return Response.json(WRITTEN, { status: 202 });
      },
      "/v1/watch": () => watchStream(snapshot({ nodes: [node(drain(1, 2))] }), changes({ nodes: [node(drain(3, 0))] })),
    });
    const env = { MUSTER_SERVER: fake.server };
    const { code, out, errors } = await run(["node", "drain", "alpha", "--deadline", "10m"], { env });
    assertEquals([code, out], [0, "alpha: is drained, as of revision 6\n"]);
    assertMatch(errors, /^alpha {2}1 moved {2}2 left\nalpha {2}empty\n✓ alpha {2}is empty: 3 replicas moved/);
    await run(["node", "drain", "alpha", "--dry-run"], { env });
    assertEquals(asked, [{ deadline: "600000ms" }, {}]);
  },
});
