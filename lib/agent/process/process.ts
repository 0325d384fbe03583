/**
 * Starts one operating-system process so that it outlives the agent. On Unix a small shell notes who it is, opens the
 * log files and becomes the program; the agent holds no pipe to it. On Windows the program is a child (`child.ts`), and
 * ends with the agent.
 * @module
 */
import { delay } from "@std/async";
import {
  type Launcher,
  LAUNCHER_NAME,
  type Platform,
  type ProcessExit,
  type ProcessIdentity,
} from "../platform/platform.ts";
import { notePath, readLaunchNote } from "./run_files.ts";

/** What is started. */
export interface Launch {
  instance: string;
  /** The program's path and its arguments. */
  command: readonly [string, ...string[]];
  env: Record<string, string>;
  cwd?: string | undefined;
  out: string;
  err: string;
  /** It is not begun later than this, in hundredths of a second of the host's own clock. */
  until?: number | undefined;
}

/** A process that was begun or taken over, and its end. */
export interface RunningProcess extends ProcessIdentity {
  instance: string;
  ended: Promise<ProcessExit>;
}

export type StartResult = { kind: "started"; process: RunningProcess } | { kind: "failed"; reason: string };

/** What a shell exits with when it can't become the program. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;
/** For how long the launching shell may take, on a host that is very busy. */
const LAUNCH_MS = 10_000;
const LAST_WORDS_BYTES = 512;

/** Starts the process and returns once it is the program itself that runs. */
export async function startProcess(
  launch: Launch,
  { platform, runFolder }: { platform: Platform; runFolder: string },
): Promise<StartResult> {
  try {
    if (platform.launcher !== undefined) {
      return await startThroughShell(launch, { launcher: platform.launcher, runFolder });
    }
    // Loaded where it is needed only: it brings Node's way of starting programs along.
    const { startChild } = await import("./child.ts");
    return { kind: "started", process: await startChild(launch, platform) };
  } catch (error) {
    // The system's own no: no such working directory, too many processes, arguments too long.
    if (!(error instanceof Error)) throw error;
    return { kind: "failed", reason: `Cannot start ${launch.command[0]}: ${error.message}` };
  }
}

async function startThroughShell(
  launch: Launch,
  { launcher, runFolder }: { launcher: Launcher; runFolder: string },
): Promise<StartResult> {
  const child = new Deno.Command("/bin/sh", {
    ...optionsOf(launch),
    args: launcherArgs(launch, { launcher, runFolder }),
    detached: launcher.sessionProgram === undefined,
    stdout: "null",
    stderr: "null",
  }).spawn();
  child.unref();
  const ended = child.status.then(exitOf);
  const early = await untilProgram(child.pid, { launcher, ended });
  const { instance, command, err } = launch;
  const note = readLaunchNote(runFolder, instance);
  const identity = note && launcher.readRecord(note.self);
  if (early !== undefined && (identity === undefined || early.code === NOT_EXECUTABLE || early.code === NOT_FOUND)) {
    return { kind: "failed", reason: `Cannot run ${command[0]}: ${await lastWords(err)}` };
  }
  if (identity === undefined) {
    // It is our child and its end was not seen yet: the pid is still its own.
    child.kill("SIGKILL");
    return { kind: "failed", reason: `Cannot run ${command[0]}: /bin/sh did not begin within ${LAUNCH_MS} ms` };
  }
  return { kind: "started", process: { pid: child.pid, startedAt: identity.startedAt, instance, ended } };
}

/** The arguments of the shell that notes itself, opens the log files and becomes the program. */
export function launcherArgs(
  launch: Launch,
  { launcher, runFolder }: { launcher: Launcher; runFolder: string },
): string[] {
  const script = [
    // Without a note nobody could adopt or stop it later: better not to start it at all.
    `exec 2>>"$3"`,
    ...launcher.disownLines === undefined ? [] : [launcher.disownLines],
    `${launcher.recordLines} && printf '%s\\n%s\\n' "$boot" "$self" >"$1" || exit ${NOT_EXECUTABLE}`,
    // Nor one whose time is over: whoever was frozen just before goes on as if nothing had happened.
    ...launch.until === undefined ? [] : [
      `read -r up idle </proc/uptime; [ "\${up%.*}\${up#*.}" -lt ${launch.until} ] || exit ${NOT_EXECUTABLE}`,
    ],
    `out=$2; shift 3; unset PWD OLDPWD SHLVL up idle`,
    `exec "$@" </dev/null >>"$out"`,
  ].join("\n");
  const command = launcher.sessionProgram === undefined ? launch.command : [launcher.sessionProgram, ...launch.command];
  return ["-c", script, LAUNCHER_NAME, notePath(runFolder, launch.instance), launch.out, launch.err, ...command];
}

/** Waits until the shell has become the program; gives the exit when that came first. */
async function untilProgram(
  pid: number,
  { launcher, ended }: { launcher: Launcher; ended: Promise<ProcessExit> },
): Promise<ProcessExit | undefined> {
  let exit: ProcessExit | undefined;
  ended.then((how) => exit = how);
  const deadlineMs = performance.now() + LAUNCH_MS;
  while (exit === undefined && performance.now() < deadlineMs && !await launcher.hasBecomeProgram(pid)) await delay(1);
  return exit;
}

function optionsOf({ env, cwd }: Launch): Deno.CommandOptions {
  return { env, clearEnv: true, stdin: "null", ...(cwd === undefined ? {} : { cwd }) };
}

function exitOf({ code, signal }: Deno.CommandStatus): ProcessExit {
  return signal === null ? { code, signal } : { code: null, signal };
}

/** The end of what it wrote to its error output: the shell says there why it can't become the program. */
async function lastWords(path: string): Promise<string> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  await file.seek(Math.max(0, size - LAST_WORDS_BYTES), Deno.SeekMode.Start);
  const text = new TextDecoder().decode(await readAll(file));
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  const byWhom = new RegExp(`^(${LAUNCHER_NAME}: (line )?\\d+: (exec: )?|setsid: failed to execute )`);
  return last.replace(byWhom, "") || "it gave no reason";
}

async function readAll(file: Deno.FsFile): Promise<Uint8Array> {
  const buffer = new Uint8Array(LAST_WORDS_BYTES);
  const count = await file.read(buffer);
  return buffer.subarray(0, count ?? 0);
}
