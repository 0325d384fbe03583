/**
 * Windows: replicas are children of the agent and end with it. Nothing there tells a process apart beyond its pid
 * without native calls, so none is taken over and nothing is signalled but children whose end was not seen yet.
 * @module
 */
import type { Platform } from "./platform.ts";

export const windows: Platform = {
  pollMs: 1_000,
  launcher: undefined,
  // Each agent process counts as a boot of its own: what an earlier one left behind is never taken over.
  bootId: () => Promise.resolve(crypto.randomUUID()),
  factsOf: (pid) => Promise.resolve({ pid, startedAt: "", session: pid, exit: undefined }),
  environmentOf: () => Promise.resolve(undefined),
  pids: () => Promise.resolve([]),
  signal: async (pid, signal, scope) => {
    // There are no signals: a request to end goes to the window or console, and only force is certain.
    const args = ["/PID", String(pid), ...(scope === "group" ? ["/T"] : []), ...(signal === "SIGKILL" ? ["/F"] : [])];
    await new Deno.Command("taskkill", { args, stdin: "null", stdout: "null", stderr: "null" }).output();
  },
};
