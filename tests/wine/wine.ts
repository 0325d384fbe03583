/**
 * A Windows as far as wine is one: a prefix of its own in a Debian root folder, in which the Windows binaries are
 * started. Each process has the mounts that it needs in a mount namespace of its own, so that none is ever left; what
 * was started ends with the prefix's wineserver.
 * @module
 */
import { join } from "node:path";
import { type LocalProgram, type ProgramName, until } from "../../scripts/local_program.ts";

/** A program under wine, and where it listens. */
export type WineProgram = Pick<LocalProgram, "url" | "log" | "logged" | "kill" | "ended"> & {
  /** Its pid as Windows has it. */
  task: number;
};

/** A line of tasklist. */
export interface Task {
  image: string;
  /** The pid as Windows has it. */
  pid: number;
}

export interface WineOptions {
  /** Where controller.exe, agent.exe and payload.exe are. */
  binaries: string;
  /** The root folder of a Debian with wine. */
  root: string;
}

const BOOT_MS = 180_000;
const COMMAND_MS = 30_000;
const START_MS = 30_000;
const END_MS = 20_000;

/** Runs what follows with `$1` as root folder, `$2` as its /tmp, where wine's server has its socket, and `$3` in that. */
const ENTER = [
  'mount --bind /proc "$1/proc"',
  'mount --rbind /dev "$1/dev"',
  'mount --bind "$2" "$1/tmp"',
  'mount --bind "$3" "$1/tmp/bin"',
  'root=$1; shift 3; exec chroot "$root" "$@"',
].join(" && ");

export class Wine implements AsyncDisposable {
  readonly #options: WineOptions;
  /** What is `/tmp` inside. */
  readonly #folder: string;
  readonly #started: Deno.ChildProcess[] = [];

  constructor(options: WineOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
  }

  /** Makes the prefix. */
  async boot(): Promise<void> {
    for (const name of ["bin", "data", "prefix"]) await Deno.mkdir(join(this.#folder, name));
    // Without it nobody is called localhost: debootstrap's smallest system has none.
    const hosts = join(this.#options.root, "etc/hosts");
    await Deno.writeTextFile(hosts, "127.0.0.1 localhost\n", { createNew: true }).catch((error) => {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    });
    await this.#output(["wine", "wineboot", "-i"], { withinMs: BOOT_MS });
  }

  /** What a Windows program prints. */
  async run(command: readonly [string, ...string[]]): Promise<string> {
    return await this.#output(["wine", ...command], { withinMs: COMMAND_MS });
  }

  /** The path of one of the binaries, for Windows. */
  binary(name: ProgramName): string {
    return windowsPath(`/tmp/bin/${name}.exe`);
  }

  /** Starts a program in a data folder of that name, and waits until it listens. One at a time. */
  async start(name: "controller" | "agent", data: string, { port = 0 } = {}): Promise<WineProgram> {
    const folder = windowsPath(`/tmp/data/${data}`);
    const args = ["--port", String(port), "--data", folder, ...(name === "agent" ? ["--name", data] : [])];
    const others = await this.pids(name);
    const process = this.#command(["wine", this.binary(name), ...args], { stdout: "null", stderr: "piped" }).spawn();
    this.#started.push(process);
    let text = "";
    // Left alone: wine's own services may hold this pipe open for as long as they run.
    (async () => {
      for await (const piece of process.stderr.pipeThrough(new TextDecoderStream())) text += piece;
    })();
    const log = () => text;
    const logged = (part: string) =>
      until(() => log().split("\n").find((line) => line.includes(part)), {
        withinMs: START_MS,
        what: () => `${data} to log ${part}; it logged:\n${log()}`,
      });
    const address: string = JSON.parse(await logged('"address":"')).address;
    const task = (await this.pids(name)).find((pid) => !others.includes(pid));
    if (task === undefined) throw new Error(`Cannot find ${data} in tasklist: ${JSON.stringify(await this.tasks())}`);
    return {
      task,
      url: `http://${address}`,
      log,
      logged,
      kill: (signal) => process.kill(signal),
      ended: process.status,
    };
  }

  /** The programs that run, by tasklist. */
  async tasks(): Promise<Task[]> {
    return readTasks(await this.run(["tasklist"]));
  }

  /** The Windows pids of the programs of that name. */
  async pids(name: ProgramName): Promise<number[]> {
    return (await this.tasks()).filter(({ image }) => image === `${name}.exe`).map(({ pid }) => pid);
  }

  /** Ends a program and nothing else, as the operator does. */
  async taskkill(pid: number): Promise<void> {
    await this.run(["taskkill", "/F", "/PID", String(pid)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nobody is there to be ended when the first start failed.
    await this.#output(["wineserver", "-k"], { mayFail: true });
    await this.#output(["wineserver", "-w"], { withinMs: END_MS, mayFail: true });
    await Promise.all(this.#started.map(({ status }) => status));
    await Deno.remove(this.#folder, { recursive: true });
  }

  #command(command: readonly string[], options: Deno.CommandOptions): Deno.Command {
    const { root, binaries } = this.#options;
    const env = {
      PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
      HOME: "/tmp",
      WINEPREFIX: "/tmp/prefix",
      WINEDEBUG: "-all",
      XDG_RUNTIME_DIR: "/tmp",
      LANG: "C.UTF-8",
    };
    const args = ["--mount", "sh", "-c", ENTER, "sh", root, this.#folder, binaries, ...command];
    return new Deno.Command("unshare", { args, env, clearEnv: true, stdin: "null", ...options });
  }

  async #output(
    command: readonly string[],
    { withinMs = COMMAND_MS, mayFail = false }: { withinMs?: number; mayFail?: boolean } = {},
  ): Promise<string> {
    const signal = AbortSignal.timeout(withinMs);
    const { success, stdout, stderr } = await this.#command(command, { signal }).output();
    const text = new TextDecoder().decode(stdout);
    if (signal.aborted) throw new Error(`"${command.join(" ")}" took longer than ${withinMs} ms`);
    if (!success && !mayFail) {
      throw new Error(`"${command.join(" ")}" failed: ${text}${new TextDecoder().decode(stderr)}`);
    }
    return text;
  }
}

/** A wine with a fresh prefix. */
export async function openWine(options: WineOptions): Promise<Wine> {
  const wine = new Wine(options, await Deno.makeTempDir({ prefix: "muster-wine-" }));
  try {
    await wine.boot();
    return wine;
  } catch (error) {
    await wine[Symbol.asyncDispose]();
    throw error;
  }
}

/** Reads what tasklist prints: image, pid, session and memory in columns. */
function readTasks(text: string): Task[] {
  return [...text.matchAll(/^(\S+)\s+(\d+)\s/gm)].map(([, image, pid]) => ({ image: image!, pid: Number(pid) }));
}

/** Wine's drive Z: is the root folder. */
function windowsPath(path: string): string {
  return `Z:${path.replaceAll("/", "\\")}`;
}
