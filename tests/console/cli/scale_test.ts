import { assertEquals, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";

Deno.test({
  name: "scale asks for the replicas of services, or for the default service's",
  ignore: !granted,
  fn: async () => {
    const asked: unknown[] = [];
    const answer = (service: string) => async (request: Request) => {
      const { replicas } = await request.json();
      const { search } = new URL(request.url);
      asked.push([service, replicas, search]);
      const named = service === "web" ? "web\x1b[2J" : service;
      const told = { service: named, desired: replicas, revision: 7 };
      return search.includes("true") ? Response.json({ ...told, dry_run: true }) : Response.json(told, { status: 202 });
    };
    await using fake = fakeController(
      Object.fromEntries(["web", "payload"].map((name) => [`/v1/services/${name}/scale`, answer(name)])),
    );
    const env = { MUSTER_SERVER: fake.server };
    const quiet = ["--no-wait", "-q"];
    assertEquals(await run(["scale", "web=5", ...quiet], { env }), {
      code: 0,
      out: "web: 5 wanted, as of revision 7\n",
      errors: "",
    });
    assertEquals(JSON.parse((await run(["scale", "3", "-o", "json", ...quiet], { env })).out), {
      service: "payload",
      desired: 3,
      revision: 7,
    });
    const { out, errors } = await run(["scale", "web=1", "payload=2", "--dry-run"], { env });
    assertEquals(out, "web: 1 wanted, as of revision 7\npayload: 2 wanted, as of revision 7\n");
    assertStringIncludes(errors, "Nothing was changed");
    const real = "?dry_run=false";
    const rehearsed = "?dry_run=true";
    assertEquals(asked, [
      ["web", 5, real],
      ["payload", 3, real],
      ["web", 1, rehearsed],
      ["payload", 2, rehearsed],
    ]);
  },
});

Deno.test("scale says what it expects when the wish can't be read, before anything is asked", async () => {
  for (const wish of [[], ["web"], ["web="], ["=3"], ["web=x"], ["1.5"], ["web=-1"], ["web=1", "db"]]) {
    const { code, errors } = await run(["scale", ...wish]);
    assertEquals(code, 2, wish.join());
    assertStringIncludes(errors, "expected <service>=<number> or a number");
  }
});
