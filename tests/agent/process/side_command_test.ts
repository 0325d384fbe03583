import { assertEquals, assertRejects } from "@std/assert";
import { runSideCommand } from "../../../lib/agent/process/side_command.ts";
import { granted } from "../../support/granted.ts";
import { pidsWith, until } from "../agent_process.ts";

const ignore = !granted || Deno.build.os !== "linux";

Deno.test({
  name: "runSideCommand() ends at its deadline also when the command may not be killed, and throws nowhere else",
  ignore,
  // The command outlives the wait for it: that is what this is about.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const marker = crypto.randomUUID();
    const { kill } = Deno;
    const refused: number[] = [];
    // As for a command that has become another user.
    Deno.kill = (pid) => {
      refused.push(pid);
      throw new Deno.errors.PermissionDenied("Operation not permitted (os error 1)");
    };
    try {
      const options = { env: { MARKER: marker }, cwd: undefined, signal: AbortSignal.timeout(50) };
      await assertRejects(() => runSideCommand(["/bin/sleep", "600"], options), DOMException, "timeout");
      assertEquals(refused.length, 1);
      assertEquals(pidsWith(marker).length, 1);
    } finally {
      Deno.kill = kill;
    }
    for (const pid of refused) kill(pid, "SIGKILL");
    await until(() => pidsWith(marker).length === 0);
  },
});

Deno.test({
  name: "runSideCommand() begins nothing when its time is over before",
  ignore,
  fn: async () => {
    const options = { env: {}, cwd: undefined, signal: AbortSignal.abort(new Error("too late")) };
    await assertRejects(() => runSideCommand(["/bin/sleep", "600"], options), Error, "too late");
  },
});
