/**
 * What becomes of the replicas when the agent is asked to end. Ctrl-C means "this host is to be empty"; SIGTERM from
 * systemd means "this program is restarted", and its replicas run on. A second request stops waiting.
 * @module
 */
import { getLog } from "../runtime/log.ts";
import { onSignals } from "../runtime/signals.ts";
import type { SessionInput } from "./session/effect.ts";

export interface LeaveOptions {
  onExit: "auto" | "drain" | "leave";
  /** SYSTEMD_EXEC_PID is this process: it is the main process of a unit. */
  isUnit: boolean;
}

const log = getLog("agent");

/** Turns signals into inputs until it is disposed of. */
export function onLeaveRequests(options: LeaveOptions, report: (input: SessionInput) => void): Disposable {
  let asked = false;
  return onSignals(["SIGINT", "SIGTERM"], (signal) => {
    if (asked) {
      log.info("Stopping at once", { signal });
      report({ kind: "leave_now" });
      return;
    }
    asked = true;
    const replicas = replicasAtExit(signal, options);
    if (replicas === "left") log.info("Leaving, the replicas run on", { signal });
    else log.info("Leaving, the replicas are stopped; a second Ctrl-C stops them at once", { signal });
    report({ kind: "leave", replicas });
  });
}

/** Whether a signal means that the replicas go with the agent. */
export function replicasAtExit(signal: Deno.Signal, { onExit, isUnit }: LeaveOptions): "drained" | "left" {
  if (signal !== "SIGTERM") return onExit === "leave" ? "left" : "drained";
  if (onExit === "auto") return isUnit ? "left" : "drained";
  return onExit === "leave" ? "left" : "drained";
}
