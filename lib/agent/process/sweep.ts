/**
 * Ends what a replica's process started and left behind, also where that has moved to a session of its own: every
 * process that carries the instance's marker is killed once the instance itself has ended. One look through all
 * processes serves all instances that wait for one.
 * @module
 */
import { claimOf } from "./ownership.ts";
import type { Platform } from "../platform/platform.ts";

/** What a process starts while it is being killed is found in the next round. */
const ROUNDS_MAX = 10;

/** An instance that has ended, and the pid that its process and session had. */
export interface Ended {
  instance: string;
  pid: number | undefined;
}

export class Sweeper {
  readonly #platform: Platform;
  readonly #nodeId: string;
  #waiting: Ended[] = [];
  #next: Promise<void> | undefined;

  constructor(platform: Platform, nodeId: string) {
    this.#platform = platform;
    this.#nodeId = nodeId;
  }

  /** Resolves when nothing of it is left. */
  sweep(ended: Ended): Promise<void> {
    this.#waiting.push(ended);
    // The look begins a turn later, so that all that ended together share it.
    this.#next ??= Promise.resolve().then(() => {
      const targets = this.#waiting;
      this.#waiting = [];
      this.#next = undefined;
      return this.#killAll(targets);
    });
    return this.#next;
  }

  async #killAll(targets: readonly Ended[]): Promise<void> {
    const instances = new Set(targets.map((target) => target.instance));
    const sessions = new Set(targets.map((target) => target.pid).filter((pid) => pid !== undefined));
    for (let round = 0; round < ROUNDS_MAX; round++) {
      let killed = 0;
      for (const pid of await this.#platform.pids()) {
        if (pid === Deno.pid || !await this.#belongs(pid, { instances, sessions })) continue;
        await this.#platform.signal(pid, "SIGKILL", "process");
        killed += 1;
      }
      if (killed === 0) return;
    }
  }

  async #belongs(pid: number, to: { instances: Set<string>; sessions: Set<number> }): Promise<boolean> {
    const claim = await claimOf(pid, { platform: this.#platform, nodeId: this.#nodeId });
    if (claim.kind === "foreign") return false;
    if (claim.kind === "ours" && !to.instances.has(claim.instance ?? "")) return false;
    const facts = await this.#platform.factsOf(pid);
    if (facts === undefined || facts.exit !== undefined) return false;
    // Without a marker only the session tells, and the leader's pid may be somebody else's by now.
    return claim.kind === "ours" || (to.sessions.has(facts.session) && pid !== facts.session);
  }
}
