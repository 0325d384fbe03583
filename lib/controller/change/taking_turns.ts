/**
 * Long work in slices: between them whatever else the controller has to do gets its turn, such as the loop's ticks and
 * the requests that it forwards.
 * @module
 */
import { setImmediate } from "node:timers/promises";

/** For so long at most nobody else gets their turn, but for a single step of the work. */
const SLICE_MS = 5;

/** To be awaited after each step: resolves at once, or when the others had their turn, once a slice is over. */
export function takingTurns({ sliceMs = SLICE_MS }: { sliceMs?: number } = {}): () => Promise<void> {
  let sinceMs = performance.now();
  return async () => {
    if (performance.now() - sinceMs < sliceMs) return;
    await setImmediate();
    sinceMs = performance.now();
  };
}
