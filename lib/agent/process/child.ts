/**
 * Starts a program as the agent's child, for hosts on which it can't outlive the agent (Windows). It writes to its log
 * files by itself: each pipe to the agent would occupy one of the few threads that Deno has there for all waiting, four
 * for each core, and with none left the agent could not even write its own files any more.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import type { Platform, ProcessExit } from "../platform/platform.ts";
import type { Launch, RunningProcess } from "./process.ts";

/** Starts it and returns once it runs. Rejects with the system's reason when it can't be started. */
export async function startChild(
  { instance, command, env, cwd, out, err }: Launch,
  platform: Platform,
): Promise<RunningProcess> {
  const [program, ...args] = command;
  const outputs = [openSync(out, "a"), openSync(err, "a")] as const;
  try {
    // Detached from the agent's console: a Ctrl-C there is meant for the agent, which ends its replicas in good order.
    const options = { env, ...(cwd === undefined ? {} : { cwd }), detached: true, windowsHide: true };
    const child = spawn(program, args, { ...options, stdio: ["ignore", ...outputs] });
    const ended = new Promise<ProcessExit>((resolve) => {
      child.once("exit", (code, signal) => resolve(signal === null ? { code, signal } : { code: null, signal }));
    });
    // Rejects when there is an error instead.
    await once(child, "spawn");
    if (child.pid === undefined) throw new TypeError("unreachable: a process that was spawned has a pid");
    try {
      platform.keepTogether?.(child.pid, ended);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
    return { instance, pid: child.pid, startedAt: "", ended };
  } finally {
    for (const output of outputs) closeSync(output);
  }
}
