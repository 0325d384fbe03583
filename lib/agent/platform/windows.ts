/**
 * Windows: replicas are children of the agent, each with all that it starts in a job object, and end with the agent.
 * So none is ever taken over, and nothing is signalled but children whose end was not seen yet.
 * @module
 */
import { getLog } from "../../runtime/log.ts";
import { type Job, jobOf } from "./job_object.ts";
import type { Platform } from "./platform.ts";

const log = getLog("process");

/** The replicas' jobs by the pid of the process that was put into each. */
const jobs = new Map<number, Job>();

export const windows: Platform = {
  pollMs: 1_000,
  launcher: undefined,
  // Each agent process counts as a boot of its own: what an earlier one left behind is never taken over.
  bootId: () => Promise.resolve(crypto.randomUUID()),
  factsOf: (pid) => Promise.resolve({ pid, startedAt: "", session: pid, exit: undefined }),
  environmentOf: () => Promise.resolve(undefined),
  pids: () => Promise.resolve([]),
  keepTogether: (pid, ended) => {
    const job = jobOf(pid);
    jobs.set(pid, job);
    ended.then(() => {
      job.end();
      if (jobs.get(pid) === job) jobs.delete(pid);
    });
  },
  signal: async (pid, signal) => {
    const request = requestOf(signal);
    if (request === "unknown") log.warn("Windows has no such signal: nothing was done", { pid, signal });
    // A program with a window is asked to close it. One without any can't be asked, and is ended at once.
    if (request === "kill" || (request === "end" && !await askToClose(pid))) jobs.get(pid)?.end();
  },
};

/** What a signal asks for, as far as Windows can be asked. */
export function requestOf(signal: Deno.Signal): "end" | "kill" | "unknown" {
  if (signal === "SIGKILL") return "kill";
  return ["SIGTERM", "SIGINT", "SIGQUIT", "SIGBREAK", "SIGHUP"].includes(signal) ? "end" : "unknown";
}

async function askToClose(pid: number): Promise<boolean> {
  const args = ["/PID", String(pid)];
  const { success } = await new Deno.Command("taskkill", { args, stdin: "null", stdout: "null", stderr: "null" })
    .output();
  return success;
}
