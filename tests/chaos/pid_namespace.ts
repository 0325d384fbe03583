/**
 * A pid namespace of its own: process ids in it can be given out again on purpose, and its first process decides whether
 * orphans that have ended are reaped or stay as zombies. Everything in it ends with it. Linux and root only.
 * @module
 */
import { until } from "../../scripts/local_program.ts";

export interface PidNamespace extends AsyncDisposable {
  /** What to put before a command so that it runs in here. */
  prefix: readonly string[];
  /** Runs a shell script in here and gives what it printed. */
  sh: (script: string) => Promise<string>;
  /** The process that a command with the prefix became, as its pid outside. */
  enteredBy: (pid: number) => Promise<number>;
}

export async function openPidNamespace({ reaps }: { reaps: boolean }): Promise<PidNamespace> {
  // A shell that waits for children reaps whichever has ended.
  const first = reaps ? "sleep 3600 & wait" : "exec sleep 3600";
  const args = ["--pid", "--fork", "--mount-proc", "--kill-child", "/bin/sh", "-c", first];
  const outer = new Deno.Command("unshare", { args, stdin: "null", stdout: "null" }).spawn();
  const init = await childOf(outer.pid);
  const prefix = ["nsenter", `--target=${init}`, "--pid", "--mount", "--"];
  const sh = async (script: string) => {
    const [program = "", ...rest] = prefix;
    const output = await new Deno.Command(program, { args: [...rest, "/bin/sh", "-c", script] }).output();
    const text = new TextDecoder().decode(output.success ? output.stdout : output.stderr).trim();
    if (!output.success) throw new Error(`Cannot run "${script}" in the pid namespace: ${text}`);
    return text;
  };
  // It is unshare itself until /proc is the namespace's own.
  const comm = () => Deno.readTextFile(`/proc/${init}/comm`);
  await until(async () => await comm() !== "unshare\n", { what: "the namespace's first process" });
  return {
    prefix,
    sh,
    enteredBy: childOf,
    [Symbol.asyncDispose]: async () => {
      outer.kill("SIGKILL");
      await outer.status;
    },
  };
}

function childOf(pid: number): Promise<number> {
  return until(async () => {
    const children = (await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`)).trim();
    return children === "" ? undefined : Number(children.split(" ")[0]);
  }, { what: `a child of ${pid}` });
}
