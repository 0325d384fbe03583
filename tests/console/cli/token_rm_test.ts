import { assertEquals } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run } from "./fake_controller.ts";

Deno.test({
  name: "token rm takes a token back by its name; one that isn't there exits with 3",
  ignore: !granted,
  fn: async () => {
    const asked: string[] = [];
    await using fake = fakeController({
      "/v1/tokens/ada": ({ method }) => {
        asked.push(method);
        return Response.json({ id: "1", name: "ada", removed: true, revision: 9 });
      },
      "/v1/tokens/bob": () => refusal(404, "there is no token"),
    });
    const env = { MUSTER_SERVER: fake.server };
    const { code, out } = await run(["token", "rm", "ada"], { env });
    assertEquals([code, out, asked], [0, "ada: removed, as of revision 9\n", ["DELETE"]]);
    assertEquals((await run(["token", "rm", "bob"], { env })).code, 3);
    assertEquals((await run(["token", "rm"], { env })).code, 2);
  },
});
