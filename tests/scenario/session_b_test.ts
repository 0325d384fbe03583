import { startProgram } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { openSession } from "./session.ts";
import { playSessionB } from "./session_b.ts";

Deno.test({
  name: "session B: agents register themselves, a killed replica is back by itself, /proxy takes turns",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    await using resources = new AsyncDisposableStack();
    const controller = resources.use(await startProgram("controller"));
    const args = ["--controller", controller.url];
    for (let count = 0; count < 2; count += 1) resources.use(await startProgram("agent", { args }));
    await playSessionB(openSession(controller, { 9000: controller }));
  },
});
