/**
 * Says when requests are due. Timers are good to a millisecond only; a thread that sleeps on a futex is good to a twentieth
 * of that, and can't be late because of what else its thread does.
 * @module
 */

export interface Pacing {
  perSecond: number;
  count: number;
}

export type Paced =
  /** On the clock `performance.timeOrigin + performance.now()`. */
  | { kind: "started"; startMs: number }
  /** These requests are due: from the first, up to but without the last. */
  | { kind: "due"; from: number; to: number };

const LEAD_MS = 50;

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Pacing>) => void;
  postMessage(message: Paced): void;
};
const never = new Int32Array(new SharedArrayBuffer(4));

scope.onmessage = ({ data: { perSecond, count } }) => {
  const startMs = performance.timeOrigin + performance.now() + LEAD_MS;
  scope.postMessage({ kind: "started", startMs });
  for (let from = 0; from < count;) {
    const sinceMs = performance.timeOrigin + performance.now() - startMs;
    const to = Math.min(count, Math.floor(sinceMs * perSecond / 1_000) + 1);
    if (to > from) scope.postMessage({ kind: "due", from, to });
    from = Math.max(from, to);
    Atomics.wait(never, 0, 0, Math.max(0, from * 1_000 / perSecond - sinceMs));
  }
};
