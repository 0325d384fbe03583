import { assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";
import { answersOf, explanationOf } from "./sample_cluster.ts";

Deno.test({
  name: "explain says the summary first, then reasons, each node's own and what happened lately",
  ignore: !granted,
  fn: async () => {
    await using fake = fakeController(answersOf());
    const { code, out } = await run(["explain", "web", "--server", fake.server]);
    assertEquals(code, 0);
    assertEquals(
      out,
      "service web\n1 of 2 ready: web.1 waits: no node has room\n\n" +
        "BECAUSE\n  generation 3 is wanted 2 times: 1 assigned, 1 ready\n\n" +
        "NODE  WHY NOT THERE\nn1    memory: 512 MiB wanted, 128 MiB left\n\n" +
        "LATELY\n  2026-03-01 12:00:01  web.0 on n1 is ready\n",
    );
  },
});

Deno.test({
  name: "explain passes on which kind is meant, and breaks long reasons between words",
  ignore: !granted,
  fn: async () => {
    let query = "";
    const long = { ...explanationOf(), because: ["word ".repeat(40).trim()] };
    await using fake = fakeController({
      "/v1/explain/web": ({ url }) => {
        query = new URL(url).search;
        return Response.json(long);
      },
    });
    const line = ["explain", "web", "--kind", "node", "--server", fake.server];
    const { out } = await run(line, { terminal: { width: 60, colours: false } });
    assertEquals(query, "?kind=node");
    assertMatch(out, /BECAUSE\n {2}word( word)+\n {4}word( word)+\n/);
    assertEquals(out.split("\n").filter((text) => text.length > 60), []);
    assertEquals((await run(["explain"])).code, 2);
  },
});
