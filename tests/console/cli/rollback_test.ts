import { assertEquals } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";
import { service, spec } from "./seen_views.ts";

Deno.test({
  name: "rollback shows what becomes other, and goes back from what it has shown",
  ignore: !granted,
  fn: async () => {
    const asked: unknown[] = [];
    const present = service({ generation: 3, revision: 12, spec: spec({ env: { A: "3\x1b[2J" }, replicas: 5 }) });
    await using fake = fakeController({
      "/v1/services/web": () => Response.json(present),
      "/v1/services/web/rollback": async (request) => {
        asked.push([await request.json(), request.headers.get("if-match"), new URL(request.url).search]);
        const written = { name: "web", generation: 4, desired: 3, removed: false, spec: spec({ env: { B: "1" } }) };
        return Response.json({ ...written, revision: 13, to: 1 }, { status: 202 });
      },
    });
    const env = { MUSTER_SERVER: fake.server };
    const { code, out } = await run(["rollback", "web", "--to", "1", "--no-wait"], { env });
    assertEquals([code, out], [
      0,
      'web  generation 4, as generation 1 was\n  − env.A: "3\\u001b[2J"\n  + env.B: "1"\n',
    ]);
    await run(["rollback", "web", "--dry-run"], { env });
    assertEquals(asked, [[{ generation: 1 }, '"12"', "?dry_run=false"], [{}, '"12"', "?dry_run=true"]]);
  },
});
