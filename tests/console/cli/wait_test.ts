import { assertEquals, assertStringIncludes } from "@std/assert";
import type { WatchMessage } from "../../../lib/wire/watch.ts";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run, watchStream } from "./fake_controller.ts";
import { snapshot } from "../../support/views.ts";
import { node, rollout, service } from "./seen_views.ts";

/** What exits how, when this is seen of web and alpha. */
async function waited(line: string, parts: Parameters<typeof snapshot>[0]): Promise<[number, string]> {
  const seen: WatchMessage = snapshot(parts);
  const { services: [web], nodes: [alpha] } = seen;
  await using fake = fakeController({
    "/v1/watch": () => watchStream(seen),
    "/v1/services/web": () => web === undefined ? refusal(404, "no web") : Response.json(web),
    "/v1/nodes/alpha": () => alpha === undefined ? refusal(404, "no alpha") : Response.json(alpha),
  });
  const { code, errors } = await run(["wait", ...line.split(" "), "--timeout", "200ms", "--server", fake.server]);
  return [code, errors];
}

Deno.test({
  name: "wait exits with 0 when it is so, 6 when it isn't in time, and 3 when there is no such thing",
  ignore: !granted,
  fn: async () => {
    for (
      const [line, parts, expected] of [
        ["web", { services: [service()] }, 0],
        ["--for ready web", { services: [service({ ready: 2 })] }, 6],
        ["--for ready web", {}, 3],
        ["--for rollout web", { services: [service()] }, 0],
        ["--for gone web", {}, 0],
        ["--for gone web", { services: [service({ removed: true })] }, 6],
        ["--for drained alpha", { nodes: [node({ draining: true })] }, 0],
        ["--for drained alpha", { nodes: [node({ draining: true, replicas: 1 })] }, 6],
        ["--for drained alpha", { nodes: [node()] }, 1],
        ["--for drained alpha", {}, 3],
      ] as const
    ) assertEquals((await waited(line, parts as Parameters<typeof snapshot>[0]))[0], expected, line);
  },
});

Deno.test({
  name: "wait --for rollout waits for people as well, and tells of an update that Muster took back",
  ignore: !granted,
  fn: async () => {
    const paused = service({ generation: 2, rollout: rollout({ paused: true }) });
    assertEquals((await waited("--for rollout web", { services: [paused] }))[0], 6);
    const back = rollout({ phase: "done", cause: "rollback", to: 3, reason: "generation 2 failed: web.0 crashed" });
    const taken = service({ generation: 3, cause: "rollback", by: "muster", rollout: back });
    const [code, errors] = await waited("--for rollout web", { services: [taken] });
    assertEquals(code, 1);
    assertStringIncludes(errors, "✗ web: generation 2 failed: web.0 crashed; rolled back to generation 1");
    const byAda = service({ ...taken, by: "ada" });
    assertEquals((await waited("--for rollout web", { services: [byAda] }))[0], 0);
  },
});

Deno.test("wait asks for what to wait for", async () => {
  assertEquals((await run(["wait"])).code, 2);
  assertEquals((await run(["wait", "web", "--for", "nothing"])).code, 2);
});
