/**
 * The keeper of a virtual host: a process of its own that ends exclusive replicas whose time has run out, whatever has
 * become of their agent. It looks as often as the real one, and knows what was leased before the agent went away.
 * @module
 */
import type { Contact } from "../../lib/agent/contact.ts";
import type { Leases } from "../../lib/agent/isolation.ts";
import type { Process } from "./process.ts";
import type { Timeline } from "./timeline.ts";

/** As the loop of the shell. */
const LOOK_EVERY_MS = 200;

export interface KeptHost {
  timeline: Timeline;
  processes: () => Process[];
  end: (process: Process) => void;
}

export class VirtualKeeper {
  readonly #host: KeptHost;
  #leases: Leases | undefined;
  #isLooking = false;

  constructor(host: KeptHost) {
    this.#host = host;
  }

  /** What the next agent process finds in the lease file. */
  get lastContact(): Contact | undefined {
    return this.#leases?.contact;
  }

  /** Until when an instance may live, if it is kept at all. */
  untilMs(instance: string): number | undefined {
    const kept = this.#leases?.instances.find((one) => one.instance === instance);
    return kept && this.#leases && this.#leases.contact.bootMs + kept.lastsMs;
  }

  hold(leases: Leases): void {
    this.#leases = leases.instances.length === 0 ? undefined : leases;
    if (!this.#isLooking) this.#look();
  }

  reboot(): void {
    this.#leases = undefined;
  }

  #look(): void {
    this.#isLooking = this.#leases !== undefined;
    if (!this.#isLooking) return;
    for (const process of this.#host.processes()) {
      const untilMs = this.untilMs(process.own?.instance ?? "");
      if (untilMs !== undefined && this.#host.timeline.nowMs >= untilMs) this.#host.end(process);
    }
    this.#host.timeline.after(LOOK_EVERY_MS, () => this.#look());
  }
}
