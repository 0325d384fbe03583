import { assertEquals, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run } from "./fake_controller.ts";
import { rollout, spec } from "./seen_views.ts";

Deno.test({
  name: "pause, resume and promote say how the rollout stands then; --force is passed on",
  ignore: !granted,
  fn: async () => {
    const asked: string[] = [];
    const answer = (fields: Parameters<typeof rollout>[0]) => ({ url }: Request) => {
      asked.push(new URL(url).pathname + new URL(url).search);
      const written = { name: "web", generation: 2, desired: 3, removed: false, spec: spec(), revision: 9 };
      const rehearsed = url.includes("dry_run=true") ? { dry_run: true } : {};
      return Response.json({ ...written, rollout: rollout(fields), ...rehearsed });
    };
    await using fake = fakeController({
      "/v1/services/web/pause": answer({ paused: true, reason: "paused by \x1b[2Jada" }),
      "/v1/services/web/resume": answer({ reason: "resumed by ada" }),
      "/v1/services/web/promote": answer({ reason: "promoted by ada" }),
      "/v1/services/db/pause": () => refusal(409, "db: no rollout is under way"),
    });
    const env = { MUSTER_SERVER: fake.server };
    assertEquals((await run(["pause", "web"], { env })).out, "web  generation 2: rolling, paused: paused by ada\n");
    assertStringIncludes((await run(["resume", "web"], { env })).errors, "controller wait --for rollout web");
    assertEquals((await run(["promote", "web", "--force", "--dry-run"], { env })).code, 0);
    assertEquals(asked, [
      "/v1/services/web/pause?dry_run=false",
      "/v1/services/web/resume?dry_run=false",
      "/v1/services/web/promote?dry_run=true&force=true",
    ]);
    assertEquals((await run(["pause", "db"], { env })).code, 4);
    for (const word of ["pause", "resume", "promote"]) assertEquals((await run([word])).code, 2);
  },
});
