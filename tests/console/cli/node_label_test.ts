import { assertEquals, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";

Deno.test({
  name: "node label gives labels and takes them away",
  ignore: !granted,
  fn: async () => {
    const asked: unknown[] = [];
    await using fake = fakeController({
      "/v1/nodes/alpha": async (request) => {
        asked.push(await request.json());
        const labels = { zone: "b", note: "\x1b[2Jx=y" };
        const written = { id: "n1", name: "alpha", draining: false, deadline: null, labels, revision: 6 };
        return Response.json(written, { status: 202 });
      },
    });
    const line = ["node", "label", "alpha", "zone=b", "note=x=y", "old-"];
    const { code, out } = await run(line, { env: { MUSTER_SERVER: fake.server } });
    assertEquals([code, out], [0, "alpha: zone=b note=x=y\n"]);
    assertEquals(asked, [{ labels: { zone: "b", note: "x=y", old: null } }]);
  },
});

Deno.test("node label says what a label looks like", async () => {
  for (const labels of [[], ["zone"], ["=b"]]) {
    const { code, errors } = await run(["node", "label", "alpha", ...labels]);
    assertEquals(code, 2, labels.join());
    assertStringIncludes(errors, "label");
  }
});
