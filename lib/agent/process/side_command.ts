/**
 * Runs a command of the service's own beside the replica, with the replica's environment and in its folder: a health
 * check's, or the one that comes before its stop. Exit code 0 means well. It gets a session of its own, so that its end
 * at the deadline takes along whatever it started. What can't be ended by then, as it has become another user, is left.
 * @module
 */
import { abortable } from "@std/async";
import { getLog } from "../../runtime/log.ts";
import type { ProbeResult } from "../probe/probe.ts";

const log = getLog("instances");

export interface SideCommandOptions {
  env: Record<string, string>;
  cwd: string | undefined;
  signal: AbortSignal;
}

/** Rejects when it can't be started, and with the signal's reason when it was ended at the deadline. */
export async function runSideCommand(
  command: readonly [string, ...string[]],
  { env, cwd, signal }: SideCommandOptions,
): Promise<ProbeResult> {
  signal.throwIfAborted();
  const [program, ...args] = command;
  const child = new Deno.Command(program, {
    args,
    env,
    ...(cwd === undefined ? {} : { cwd }),
    clearEnv: true,
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  // Its end was not seen yet, so the pid is still its own.
  const kill = () => killGroup(child.pid);
  signal.addEventListener("abort", kill, { once: true });
  try {
    const { success, code, signal: by } = await abortable(child.status, signal);
    if (success) return { ok: true, detail: "" };
    return { ok: false, detail: `${program} ${by === null ? `exited with code ${code}` : `was ended by ${by}`}` };
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

function killGroup(pid: number): void {
  try {
    Deno.kill(Deno.build.os === "windows" ? pid : -pid, "SIGKILL");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    // Nobody would catch it: it is the deadline that calls.
    log.warn("Cannot end a command at its deadline: it is left to itself", { pid, error });
  }
}
