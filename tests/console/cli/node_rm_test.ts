import { assertEquals, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run } from "./fake_controller.ts";
import { node } from "./seen_views.ts";

Deno.test({
  name: "node rm asks with what the node carries, and passes --force on",
  ignore: !granted,
  fn: async () => {
    const asked: string[] = [];
    const answer = ({ method, url }: Request) => {
      if (method === "GET") return Response.json(node({ replicas: 2 }));
      asked.push(new URL(url).search);
      return url.includes("force=true")
        ? Response.json({ id: "n1", name: "alpha", removed: true, revision: 8 })
        : refusal(409, "node alpha is ready and carries 2 replicas");
    };
    await using fake = fakeController({ "/v1/nodes/alpha": answer, "/v1/nodes/n1": answer });
    const env = { MUSTER_SERVER: fake.server };
    const refused = await run(["node", "rm", "alpha"], { env, answer: "" });
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.errors, "Remove the node alpha (ready, 2 replicas)? [y/N]");
    assertEquals((await run(["node", "rm", "alpha", "-y"], { env })).code, 4);
    const { code, out } = await run(["node", "rm", "alpha", "-y", "--force"], { env });
    assertEquals([code, out], [0, "alpha: removed, as of revision 8\n"]);
    assertEquals(asked, ["?dry_run=false&force=false", "?dry_run=false&force=true"]);
  },
});
