/**
 * Which replica a request goes to: in turn over those on nodes that answer; those on suspect nodes when no other is
 * left. Pure; the table (`table.ts`) keeps the turns and knows who is out.
 * @module
 */
import type { Endpoint } from "../cluster/endpoint.ts";

/** The endpoints of a service at one moment; never changed, only replaced. */
export interface Snapshot {
  /** Those on suspect nodes last. */
  readonly endpoints: readonly Endpoint[];
  /** The first so many are on nodes that answer. */
  readonly readyCount: number;
}

export interface PickOptions {
  /** Grows by one with each request. */
  turn: number;
  /** Whether a replica is not to be picked: found dead, or tried already. */
  isOut: (endpoint: Endpoint) => boolean;
}

/** The endpoint whose turn it is; undefined when all are out. */
export function pick({ endpoints, readyCount }: Snapshot, options: PickOptions): Endpoint | undefined {
  return pickWithin(endpoints, { ...options, from: 0, count: readyCount }) ??
    pickWithin(endpoints, { ...options, from: readyCount, count: endpoints.length - readyCount });
}

/** Orders endpoints for picking. */
export function snapshotOf(endpoints: readonly Endpoint[]): Snapshot {
  const ready = endpoints.filter(({ suspect }) => !suspect);
  const suspect = endpoints.filter(({ suspect }) => suspect);
  return { endpoints: [...ready, ...suspect], readyCount: ready.length };
}

function pickWithin(
  endpoints: readonly Endpoint[],
  { turn, isOut, from, count }: PickOptions & { from: number; count: number },
): Endpoint | undefined {
  for (let step = 0; step < count; step++) {
    const endpoint = endpoints[from + (turn + step) % count];
    if (endpoint !== undefined && !isOut(endpoint)) return endpoint;
  }
  return undefined;
}
