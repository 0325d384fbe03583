import { assertEquals, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";
import { replica } from "./seen_views.ts";

Deno.test({
  name: "signal sends what is named, with or without SIG, and stop withdraws a replica",
  ignore: !granted,
  fn: async () => {
    const { id } = replica();
    const asked: unknown[] = [];
    await using fake = fakeController({
      "/v1/replicas": () => Response.json({ items: [replica()], next_cursor: null }),
      [`/v1/replicas/${id}/signal`]: async (request) => {
        const { signal } = await request.json();
        asked.push(signal);
        return Response.json({ id, name: "web.0", signal }, { status: 202 });
      },
      [`/v1/replicas/${id}/stop`]: () => Response.json({ id, name: "web\x1b[2J.0", revision: 4 }, { status: 202 }),
    });
    const env = { MUSTER_SERVER: fake.server };
    for (const word of ["hup", "SIGHUP", "sigusr1"]) {
      assertEquals((await run(["signal", "web.0", word], { env })).code, 0);
    }
    assertEquals(asked, ["SIGHUP", "SIGHUP", "SIGUSR1"]);
    assertEquals(
      (await run(["stop", "web.0"], { env })).out,
      "web.0 on alpha: is stopped, as of revision 4\n",
    );
  },
});

Deno.test("signal names the nearest signal to one that can't be sent", async () => {
  const { code, errors } = await run(["signal", "web.0", "hpu"]);
  assertEquals(code, 2);
  assertStringIncludes(errors, "did you mean SIGHUP?");
  for (const line of [["signal"], ["signal", "web.0"], ["stop"]]) assertEquals((await run(line)).code, 2);
});
