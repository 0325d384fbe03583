/**
 * The demo is the first thing that one sees of Muster: it has to work, to fail where something failed, and to leave
 * nothing behind however it ends.
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { STEPS } from "../../scripts/demo/steps.ts";
import { startDemo } from "../support/demo.ts";
import { granted } from "../support/granted.ts";

Deno.test({
  name: "demo: every step passes, no request fails, nothing is left",
  ignore: !granted,
  fn: async () => {
    await using demo = await startDemo();
    assertEquals([await demo.ended(), demo.text().includes("✗")], [0, false], demo.text());
    for (const { name } of STEPS) assertMatch(demo.text(), new RegExp(`^  ✓ ${name} +\\d+ ms$`, "m"));
    assertMatch(demo.text(), /requests [1-9]\d*, failed 0/);
    assertStringIncludes(demo.text(), "Nothing is left running");
  },
});

Deno.test({
  name: "demo: Ctrl-C in the middle of the story leaves nothing behind",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    await using demo = await startDemo();
    await demo.shown("replicas are ready");
    demo.process.kill("SIGINT");
    assertEquals(await demo.ended(), 130, demo.text());
    assertStringIncludes(demo.text(), "Nothing is left running");
  },
});

Deno.test({
  name: "demo --stay: prints lines to paste, and ends by Ctrl-C with exit code 0",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    await using demo = await startDemo({ args: ["--stay"] });
    await demo.shown("What happens shows below");
    const pid = Number(/^ {2}kill -9 (\d+)/m.exec(demo.text())?.[1]);
    Deno.kill(pid, "SIGKILL");
    await demo.shown(" is ready\n");
    demo.process.kill("SIGINT");
    assertEquals(await demo.ended(), 0, demo.text());
  },
});

Deno.test({
  name: "demo: names the step that failed",
  ignore: !granted,
  fn: async () => {
    await using demo = await startDemo({ env: { MUSTER_BINARIES: "/nowhere" } });
    assertEquals(await demo.ended(), 1, demo.text());
    assertStringIncludes(demo.text(), `Failed at "${STEPS[0]?.name}"`);
  },
});

Deno.test({
  name: "demo: refuses a flag that it does not know",
  ignore: !granted,
  fn: async () => {
    await using demo = await startDemo({ args: ["--quick"] });
    assertEquals(await demo.ended(), 2);
    assertStringIncludes(demo.text(), "--quick");
  },
});
