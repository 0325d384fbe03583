import { assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run } from "./fake_controller.ts";
import { answersOf, pageOf } from "./sample_cluster.ts";

Deno.test({
  name: "ps shows replicas with what they use, those that need a look first and why",
  ignore: !granted,
  fn: async () => {
    await using fake = fakeController(answersOf());
    const { code, out } = await run(["ps", "--server", fake.server]);
    assertEquals(code, 0);
    assertMatch(out, /^REPLICA +NODE +STATE +PID +PORT +UPTIME +RESTARTS +CPU +MEMORY\nweb.1 +n1 +exited +4 +– +–\n/);
    assertMatch(out, /\nweb.0 +n1 +ready +4194304 +20001 +3 m 05 s +0 +0.25 +85 MiB\n/);
    assertMatch(out, /\nNOT READY +WHY\nweb.1 +exited with code 1; crash 5/);
  },
});

Deno.test({
  name: "ps leaves out what a controller can't say of usage",
  ignore: !granted,
  fn: async () => {
    for (const answer of [() => refusal(404, "there is no /v1/usage"), () => new Response("Hello from a worker")]) {
      await using fake = fakeController({ ...answersOf(), "/v1/usage": answer });
      const { code, out } = await run(["ps", "--server", fake.server]);
      assertEquals([code, out.includes("CPU")], [0, false]);
    }
  },
});

Deno.test({
  name: "ps asks for a service's replicas, or a node's, and says why there may be none",
  ignore: !granted,
  fn: async () => {
    const asked: string[] = [];
    await using fake = fakeController({
      "/v1/replicas": ({ url }) => {
        asked.push(new URL(url).search);
        return Response.json(pageOf());
      },
    });
    const { out } = await run(["ps", "web", "--node", "n1", "--server", fake.server]);
    assertEquals(asked, ["?limit=1000&service=web&node=n1"]);
    assertMatch(out, /"controller explain web" says why/);
  },
});
