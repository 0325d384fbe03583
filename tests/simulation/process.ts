/**
 * The processes of a virtual host. Process ids are few, so that one that has ended soon names another process; as on a
 * real host only its start time and what it carries in its environment tell whose it is.
 * @module
 */
import { INSTANCE_VARIABLE, NODE_ID_VARIABLE, type ProcessFacts } from "../../lib/agent/platform/platform.ts";

/** The process ids of a host are 2 to this. */
const PID_MAX = 48;

/** What a virtual program does. */
export interface Program {
  readyAfterMs: number;
  /** It ends by itself after this time. */
  crashAfterMs: number | undefined;
  /** How long it takes to end once asked; undefined: it never does. */
  endsAfterMs: number | undefined;
}

export interface Process {
  pid: number;
  startedMs: number;
  environment: ReadonlyMap<string, string>;
  /** What it embodies; undefined where it is no business of Muster's. */
  own: { instance: string; replica: string } | undefined;
  program: Program;
}

export class ProcessTable {
  readonly #byPid = new Map<number, Process>();
  #last = 1;
  #boots = 1;
  #bootedMs = 0;

  /** Names the present boot of the host. */
  get boot(): string {
    return `boot ${this.#boots}`;
  }

  get all(): Process[] {
    return [...this.#byPid.values()];
  }

  /** The processes that embody replicas. */
  get own(): Process[] {
    return this.all.filter((process) => process.own !== undefined);
  }

  at(pid: number): Process | undefined {
    return this.#byPid.get(pid);
  }

  /** Begins a process under the lowest free id above the last one; undefined when there is none. */
  fork(start: Omit<Process, "pid" | "environment">, identity: string): Process | undefined {
    const pid = this.#freePid();
    if (pid === undefined) return undefined;
    this.#last = pid;
    const { own } = start;
    const entries: [string, string][] = own === undefined
      // Some programs write their title over their environment: it says nothing any more.
      ? pid % 2 === 0 ? [] : [["HOME", "/"]]
      : [[NODE_ID_VARIABLE, identity], [INSTANCE_VARIABLE, own.instance]];
    const process = { ...start, pid, environment: new Map(entries) };
    this.#byPid.set(pid, process);
    return process;
  }

  /** Returns false when that very process was no more. */
  end(process: Process): boolean {
    return this.#byPid.get(process.pid) === process && this.#byPid.delete(process.pid);
  }

  factsOf(pid: number): ProcessFacts | undefined {
    const process = this.#byPid.get(pid);
    // As on Linux the start is counted from the boot, so that it says nothing without the boot.
    return process && { pid, startedAt: `${process.startedMs - this.#bootedMs}`, session: pid, exit: undefined };
  }

  /** Everything ends, and the host begins anew. */
  reboot(nowMs: number): void {
    this.#byPid.clear();
    this.#last = 1;
    this.#boots += 1;
    this.#bootedMs = nowMs;
  }

  #freePid(): number | undefined {
    for (let step = 1; step < PID_MAX; step++) {
      const pid = 2 + ((this.#last - 2 + step) % (PID_MAX - 1));
      if (!this.#byPid.has(pid)) return pid;
    }
    return undefined;
  }
}
