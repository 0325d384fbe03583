import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run, watchStream } from "./fake_controller.ts";
import { snapshot } from "../../support/views.ts";
import { changes, service, spec } from "./seen_views.ts";

Deno.test({
  name: "rm asks, removes what was shown, and follows until it is gone",
  ignore: !granted,
  fn: async () => {
    const asked: unknown[] = [];
    const leaving = service({ removed: true, assigned: 1 });
    await using fake = fakeController({
      "/v1/services/web": ({ method, headers }) => {
        if (method === "GET") return Response.json(service());
        asked.push(headers.get("if-match"));
        const written = { name: "web", generation: 1, desired: 3, removed: true, spec: spec(), revision: 9 };
        return Response.json(written, { status: 202 });
      },
      "/v1/watch": () => watchStream(snapshot({ services: [leaving] }), changes({}, { services: ["web"] })),
    });
    const env = { MUSTER_SERVER: fake.server };
    const refused = await run(["rm", "web"], { env, answer: "no" });
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.errors, "Remove web, with 3 replicas? [y/N]");
    assertEquals(asked, []);
    const { code, out, errors } = await run(["rm", "web", "--yes"], { env });
    assertEquals([code, out], [0, "web: is removed, as of revision 9\n"]);
    assertMatch(errors, /^web {2}1 replica left\nweb {2}gone\n✓ web {2}is gone/);
    assertEquals(asked, ['"7"']);
  },
});
