/**
 * Where each service is reached. The controller replaces a service's endpoints whenever they change; an ingress that
 * found a replica dead takes it out by itself, at once, and doesn't wait for the news to come round. Pure: the time is
 * an argument.
 * @module
 */
import type { Endpoint } from "../cluster/endpoint.ts";
import { Attendance, type OnGone } from "./attendance.ts";
import { pick, type Snapshot, snapshotOf } from "./pick.ts";

/** A replica that was found dead is tried again after this time, unless it has changed before. */
export const EJECTED_MS = 1_000;

/** A service as the table holds it. */
interface Entry {
  snapshot: Snapshot;
  byReplica: ReadonlyMap<string, Endpoint>;
  turn: number;
  ejected: Map<string, Ejection>;
}

interface Ejection {
  endpoint: Endpoint;
  untilMs: number;
}

export class EndpointTable {
  readonly #services = new Map<string, Entry>();
  readonly #attendance = new Attendance();

  /** Sets all endpoints of a service. A replica that was found dead stays out only while nothing about it changes. */
  replace(service: string, endpoints: readonly Endpoint[]): void {
    const old = this.#services.get(service);
    const byReplica = new Map(endpoints.map((endpoint) => [endpoint.replica, endpoint]));
    if (endpoints.length === 0) this.#services.delete(service);
    else this.#services.set(service, this.#entryOf(endpoints, { old, byReplica }));
    for (const { replica, suspect } of old?.byReplica.values() ?? []) {
      if (byReplica.has(replica)) continue;
      this.#attendance.tell(replica, suspect ? "lost" : "withdrawn");
    }
  }

  /** Calls `onGone` whenever the replica is an endpoint no more. Returns what ends the watch. */
  attend(replica: string, onGone: OnGone): () => void {
    return this.#attendance.attend(replica, onGone);
  }

  #entryOf(
    endpoints: readonly Endpoint[],
    { old, byReplica }: { old: Entry | undefined; byReplica: Entry["byReplica"] },
  ): Entry {
    const ejected = new Map<string, Ejection>();
    for (const endpoint of endpoints) {
      const ejection = old?.ejected.get(endpoint.replica);
      if (ejection !== undefined && isSame(ejection.endpoint, endpoint)) ejected.set(endpoint.replica, ejection);
    }
    return { snapshot: snapshotOf(endpoints), byReplica, turn: old?.turn ?? 0, ejected };
  }

  /** The endpoint of a replica as it is now; undefined once it is none any more. */
  current(service: string, { replica }: Endpoint): Endpoint | undefined {
    return this.#services.get(service)?.byReplica.get(replica);
  }

  /** The next endpoint in turn, never the replica in `exclude`; undefined when there is none. */
  choose(service: string, { nowMs, exclude }: { nowMs: number; exclude?: string | undefined }): Endpoint | undefined {
    const entry = this.#services.get(service);
    if (entry === undefined) return undefined;
    const { ejected, snapshot } = entry;
    const isOut = ({ replica }: Endpoint) => replica === exclude || (ejected.get(replica)?.untilMs ?? 0) > nowMs;
    return pick(snapshot, { turn: entry.turn++, isOut });
  }

  /** Takes a replica out until it changes, for a second at most. */
  eject(service: string, endpoint: Endpoint, { nowMs }: { nowMs: number }): void {
    const entry = this.#services.get(service);
    const current = entry?.byReplica.get(endpoint.replica);
    if (entry === undefined || current === undefined || !isSame(current, endpoint)) return;
    entry.ejected.set(endpoint.replica, { endpoint, untilMs: nowMs + EJECTED_MS });
  }
}

/** Whether two endpoints are one process in one place; liveness alone makes no difference. */
function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.replica === b.replica && a.fence === b.fence && a.nodeUrl === b.nodeUrl && a.port === b.port;
}
