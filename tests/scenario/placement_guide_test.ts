/**
 * The guide to placement: every example is planned and applied as it stands there.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { startApi } from "../controller/api/harness.ts";
import { granted } from "../support/granted.ts";

const GUIDE = new URL("../../docs/guide/placement.md", import.meta.url);

Deno.test({
  name: "every example of the guide to placement is planned and applied",
  ignore: !granted,
  fn: async () => {
    const examples = [...Deno.readTextFileSync(GUIDE).matchAll(/^```yaml\n([^]*?)^```/gm)];
    assertEquals(examples.length, 6);
    for (const [, body] of examples) {
      await using harness = await startApi();
      for (const name of ["alpha", "beta", "gamma"]) await harness.addNode(name);
      const planned = await harness.call("POST", "/v1/plan", { body });
      assert((await planned.json()).complete, body);
      const { services } = await (await harness.call("POST", "/v1/apply", { body })).json();
      assertEquals(services.map(({ outcome }: { outcome: string }) => outcome), ["created"], body);
    }
  },
});
