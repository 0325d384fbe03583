/**
 * What `darwin` asks of `ps` in a way that every `ps` understands, tried with the one of this host.
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { darwin } from "../../../lib/agent/platform/darwin.ts";
import { startProcess } from "../../../lib/agent/process/process.ts";
import { granted } from "../../support/granted.ts";

const ignore = !granted || Deno.build.os === "windows" || !await hasPs();

async function hasPs(): Promise<boolean> {
  if (!granted) return false;
  return await Deno.stat("/bin/ps").then(() => true, () => false);
}

/** The same platform where the host has no name for its boot that macOS's sysctl would tell. */
const platform = {
  ...darwin,
  launcher: {
    ...darwin.launcher!,
    recordLines: darwin.launcher!.recordLines.replace(/boot=\$\([^)]*\)/, "boot=this"),
  },
};

Deno.test({ name: "darwin starts a process through the shell, and knows it again by its start time", ignore, fn });

async function fn(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "muster-darwin-" });
  // A replica keeps no agent running; here something has to wait for it.
  const waiting = setInterval(() => {}, 1_000);
  try {
    const launch = {
      instance: crypto.randomUUID(),
      command: ["/bin/sleep", "60"] as const,
      env: { PATH: Deno.env.get("PATH") ?? "", TZ: "Asia/Tokyo" },
      out: `${folder}/out`,
      err: `${folder}/err`,
    };
    const result = await startProcess(launch, { platform, runFolder: folder });
    if (result.kind === "failed") throw new Error(result.reason);
    const { pid, startedAt, ended } = result.process;
    const facts = await darwin.factsOf(pid);
    assertEquals(facts, { pid, startedAt, session: pid, exit: undefined });
    assertNotEquals(startedAt, "");
    await darwin.signal(pid, "SIGKILL", "group");
    assertEquals(await ended, { code: null, signal: "SIGKILL" });
    await darwin.signal(pid, "SIGKILL", "group");
    assertEquals(await darwin.factsOf(pid), undefined);
  } finally {
    clearInterval(waiting);
    await Deno.remove(folder, { recursive: true });
  }
}
