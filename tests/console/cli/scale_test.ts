import { assertEquals, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";

Deno.test({
  name: "scale asks for a service's replicas, or for the default service's",
  ignore: !granted,
  fn: async () => {
    const asked: unknown[] = [];
    await using fake = fakeController({
      "/scale": async (request) => {
        const body = await request.json();
        asked.push(body);
        return Response.json({ service: "payload", ...body, desired: body.replicas, revision: 7 }, { status: 202 });
      },
    });
    const env = { MUSTER_SERVER: fake.server };
    assertEquals(await run(["scale", "web=5"], { env }), {
      code: 0,
      out: "web: 5 wanted, as of revision 7\n",
      errors: "",
    });
    assertEquals(JSON.parse((await run(["scale", "3", "-o", "json"], { env })).out), {
      service: "payload",
      desired: 3,
      revision: 7,
    });
    assertEquals(asked, [{ service: "web", replicas: 5 }, { replicas: 3 }]);
  },
});

Deno.test("scale says what it expects when the wish can't be read", async () => {
  for (const wish of [[], ["web"], ["web="], ["=3"], ["web=x"], ["1.5"], ["web=-1"]]) {
    const { code, errors } = await run(["scale", ...wish]);
    assertEquals(code, 2, wish.join());
    assertStringIncludes(errors, "expected <service>=<number> or a number");
  }
});
