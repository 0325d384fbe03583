/**
 * What has changed in a service's traffic, where that is little beside the whole: a service of ten thousand endpoints
 * changes one at a time, and to copy all of them to another thread takes as long as a thousand requests. Both sides keep
 * the former traffic, and what it becomes is the same on both. Pure.
 * @module
 */
import type { Endpoint } from "../../cluster/endpoint.ts";
import type { Traffic } from "./engine.ts";

export interface TrafficChange extends Pick<Traffic, "desired" | "withdrawn"> {
  /** Where in the former list endpoints were that are no more, or have changed; ascending. */
  gone: readonly number[];
  /** Those that have come, or have changed, and where they are in the new list; ascending. */
  come: readonly (readonly [at: number, endpoint: Endpoint])[];
}

/** Fewer endpoints are told as quickly as what has changed among them. */
const ENDPOINTS_MIN = 200;
/** Of all endpoints. */
const CHANGED_MAX = 0.25;

/** Whether there are so many endpoints that a change is told as such. */
export function isLarge({ endpoints }: Traffic): boolean {
  return endpoints.length >= ENDPOINTS_MIN;
}

/** What makes the one traffic out of the other; undefined where the whole is better told. */
export function changeOf(former: Traffic, traffic: Traffic): TrafficChange | undefined {
  if (!isLarge(traffic) || !isAlike(former.routes, traffic.routes) || !isAlike(former.tcp, traffic.tcp)) {
    return undefined;
  }
  const [before, after] = [former.endpoints, traffic.endpoints];
  const changedMax = after.length * CHANGED_MAX;
  const gone: number[] = [];
  const come: [number, Endpoint][] = [];
  let [from, to] = [0, 0];
  while (from < before.length || to < after.length) {
    const [old, present] = [before[from], after[to]];
    if (old !== undefined && present !== undefined && isAlike(old, present)) {
      from++;
      to++;
    } else if (present === undefined || (old !== undefined && isBefore(old, present))) gone.push(from++);
    else come.push([to++, present]);
    if (gone.length + come.length > changedMax) return undefined;
  }
  return { desired: traffic.desired, withdrawn: traffic.withdrawn, gone, come };
}

/** The traffic after a change. What stays is the same object, the routes too. */
export function changed(former: Traffic, { desired, withdrawn, gone, come }: TrafficChange): Traffic {
  const endpoints: Endpoint[] = [];
  let [nextGone, nextCome] = [0, 0];
  const takeCome = () => {
    for (; come[nextCome]?.[0] === endpoints.length; nextCome++) endpoints.push(come[nextCome]![1]);
  };
  for (const [at, endpoint] of former.endpoints.entries()) {
    takeCome();
    if (gone[nextGone] === at) nextGone++;
    else endpoints.push(endpoint);
  }
  takeCome();
  return { ...former, endpoints, desired, withdrawn };
}

/** The order in which endpoints are listed. In another one the change is larger, and no less true. */
function isBefore(a: Endpoint, b: Endpoint): boolean {
  if (a.suspect !== b.suspect) return b.suspect;
  return a.slot === b.slot ? a.replica <= b.replica : a.slot < b.slot;
}

/** Whether two plain values say the same. */
function isAlike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [one, other] = [a, b] as Record<string, unknown>[] as [Record<string, unknown>, Record<string, unknown>];
  for (const key in one) if (!isAlike(one[key], other[key])) return false;
  for (const key in other) if (!(key in one)) return false;
  return true;
}
