import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run, watchStream } from "./fake_controller.ts";
import { snapshot } from "../../support/views.ts";
import { changes, replica, rollout, service, spec } from "./seen_views.ts";

Deno.test({
  name: "restart of a service follows the generation that it makes",
  ignore: !granted,
  fn: async () => {
    const written = { name: "web", generation: 2, desired: 3, removed: false, spec: spec(), revision: 9 };
    const done = service({ generation: 2, rollout: rollout({ phase: "done", cause: "restart", updated: 3 }) });
    await using fake = fakeController({
      "/v1/services/web/restart": () => Response.json(written, { status: 202 }),
      "/v1/watch": () => watchStream(snapshot({ services: [done] })),
    });
    const { code, out, errors } = await run(["restart", "web", "--server", fake.server]);
    assertEquals([code, out], [0, "web: restarts as generation 2, as of revision 9\n"]);
    assertMatch(errors, /✓ web {2}generation 2 runs: 3 of 3 ready/);
  },
});

Deno.test({
  name: "restart of a replica follows it until it has another process",
  ignore: !granted,
  fn: async () => {
    const { id } = replica();
    await using fake = fakeController({
      "/v1/replicas": () => Response.json({ items: [replica()], next_cursor: null }),
      [`/v1/replicas/${id}/restart`]: () => Response.json({ id, name: "web.0", revision: 9 }, { status: 202 }),
      "/v1/watch": () =>
        watchStream(
          snapshot({ services: [service()], replicas: [replica()] }),
          changes({ replicas: [replica({ instance: "i2" })] }),
        ),
    });
    const { code, errors } = await run(["restart", "web.0", "--server", fake.server]);
    assertEquals(code, 0);
    assertMatch(errors, /^web\.0 {2}restarting\nweb\.0 {2}running, ready\n✓ web\.0 {2}restarted and ready on alpha/);
    const unknown = await run(["restart", "web.5", "--server", fake.server]);
    assertEquals(unknown.code, 3);
    assertStringIncludes(unknown.errors, "web has web.0");
  },
});
