/**
 * The keeper of a virtual host: a process of its own that ends exclusive replicas whose time has run out, whatever has
 * become of their agent. It looks as often as the real one, and knows what was leased before the agent went away.
 * @module
 */
import type { Contact } from "../../lib/agent/session/contact.ts";
import type { Leases } from "../../lib/agent/session/isolation.ts";
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
  /** Counts what is planned, so that only the last plan is carried out. */
  #look = 0;

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
    this.#lookWhenDue();
  }

  reboot(): void {
    this.#leases = undefined;
    this.#look += 1;
  }

  /** The real one looks every so often; here it looks at the first of these moments at which there may be something. */
  #lookWhenDue(): void {
    const look = ++this.#look;
    if (this.#leases === undefined) return;
    const { timeline } = this.#host;
    const { contact, instances } = this.#leases;
    const dueMs = contact.bootMs + Math.min(...instances.map(({ lastsMs }) => lastsMs));
    const atMs = Math.ceil(Math.max(dueMs, timeline.nowMs + 1) / LOOK_EVERY_MS) * LOOK_EVERY_MS;
    timeline.after(atMs - timeline.nowMs, () => {
      if (this.#look !== look) return;
      for (const process of this.#host.processes()) {
        const untilMs = this.untilMs(process.own?.instance ?? "");
        if (untilMs !== undefined && timeline.nowMs >= untilMs) this.#host.end(process);
      }
      this.#lookWhenDue();
    });
  }
}
