/**
 * What the agent needs of an operating system: to tell processes apart beyond their pid, to read what they carry in
 * their environment, and to signal them. `linux` is complete; `darwin` asks `ps`; on `windows` nothing outlives its
 * agent, which keeps each replica together by a job object instead.
 * @module
 */

/** How a process ended, as far as the system still knows. */
export interface ProcessExit {
  code: number | null;
  signal: string | null;
}

/** A process that can't be taken for a later one with the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the platform's own notation: only equality means something. */
  startedAt: string;
}

/** What the system says about a process. */
export interface ProcessFacts extends ProcessIdentity {
  /** The session it is in; a leader's is its own pid. */
  session: number;
  /** Set once it has ended and only waits to be reaped. */
  exit: ProcessExit | undefined;
}

/** One operating system. */
export interface Platform {
  /** How replicas are started so that they outlive the agent; undefined where that can't be. */
  readonly launcher: Launcher | undefined;
  /** How often a process that is not the agent's child is looked at. */
  readonly pollMs: number;
  /** The host's own clock, which counts while it sleeps as well; undefined where no other process could read it. */
  uptimeMs?(): number;
  /** How long ago a process of this boot was started, by that clock: the time of day may have been set since. */
  ageMs?(process: ProcessIdentity): number;
  /** Names the present boot of the host. */
  bootId(): Promise<string>;
  factsOf(pid: number): Promise<ProcessFacts | undefined>;
  /** What it was started with: empty where the program wrote over it, undefined where it may not be read. */
  environmentOf(pid: number): Promise<ReadonlyMap<string, string> | undefined>;
  /** The processes on the host among which those that carry a marker are looked for. */
  pids(): Promise<number[]>;
  /** What the sessions of these leaders use, and the host; undefined where that can't be had cheaply. */
  usage?(leaders: ReadonlySet<number>): Promise<UsageSample>;
  /**
   * Ties a child and all that it starts together, where neither sessions nor markers do: none of them is there any more
   * once the child has ended, or the agent. Throws when the system refuses.
   */
  keepTogether?(pid: number, ended: Promise<ProcessExit>): void;
  /** Signals the process or its whole group. Whoever calls has proved that it is the right one. */
  signal(pid: number, signal: Deno.Signal, scope: "process" | "group"): Promise<void>;
}

/** What the processes of one session use. */
export interface UsageSoFar {
  /** Processor time since they began. */
  cpuS: number;
  /** What they hold now. */
  memoryBytes: number;
}

export interface UsageSample {
  /** By the pid of the leader. */
  sessions: ReadonlyMap<number, UsageSoFar>;
  /** For how long the host's processors were busy since it began, or, where nobody counts that, how many are now. */
  host: { busyS: number } | { busyCores: number };
}

/** What differs between systems about the launching shell. */
export interface Launcher {
  /** Shell lines that give up what the agent is granted and its replicas are not; they may use the variable `self`. */
  disownLines?: string;
  /** Shell lines that set `boot` to this boot's id and `self` to a line from which the shell is known again. */
  recordLines: string;
  /** Takes such a line apart. */
  readRecord(self: string): ProcessIdentity | undefined;
  /**
   * The program through which the shell begins a session of its own, where the host has one: then the agent's own fork
   * is the cheap kind, which copies none of its memory's page tables. Without it the agent itself begins the session.
   */
  sessionProgram: string | undefined;
  /** Whether the launching shell has become the program. */
  hasBecomeProgram(pid: number): Promise<boolean>;
}

/** What the launching shell calls itself (its `$0`) until it becomes the program. */
export const LAUNCHER_NAME = "muster-launcher";

/** The variables by which a process shows whose it is. */
export const NODE_ID_VARIABLE = "MUSTER_NODE_ID";
export const INSTANCE_VARIABLE = "MUSTER_INSTANCE";

/** The platform of this host. */
export async function thisPlatform(os: typeof Deno.build.os = Deno.build.os): Promise<Platform> {
  if (os === "linux") return (await import("./linux.ts")).linux;
  if (os === "windows") return (await import("./windows.ts")).windows;
  return (await import("./darwin.ts")).darwin;
}

/** The entries of a block of `NAME=value` texts. */
export function readEnvironment(entries: readonly string[]): Map<string, string> {
  const environment = new Map<string, string>();
  for (const entry of entries) {
    const at = entry.indexOf("=");
    if (at > 0) environment.set(entry.slice(0, at), entry.slice(at + 1));
  }
  return environment;
}
