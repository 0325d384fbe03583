/**
 * Invariant 4, where it is strictest: of an exclusive service no two processes of one slot live at once, on whatever
 * hosts they are.
 * @module
 */
import { isExclusive } from "../../lib/cluster/isolation.ts";
import { nameOf } from "../../lib/cluster/replica.ts";
import type { Order } from "../../lib/wire/protocol.ts";
import type { Host } from "./host.ts";
import type { Process } from "./process.ts";

export class Alone {
  /** The process of each slot that began last. */
  readonly #latest = new Map<string, { host: Host; process: Process }>();

  /** Says what is wrong about a process that has just begun, if anything is. */
  begun(host: Host, { assignment, spec }: Order, process: Process): string | undefined {
    if (!isExclusive(spec)) return undefined;
    const slot = nameOf(assignment);
    const other = this.#latest.get(slot);
    this.#latest.set(slot, { host, process });
    if (other === undefined || other.host.table.at(other.process.pid) !== other.process) return undefined;
    return `${slot} begins on ${host.name} while its process ${other.process.pid} lives on ${other.host.name}`;
  }
}
