/**
 * The controller's time as a signal that moves once a second while the page is seen: all uptimes and "ago"s on it follow
 * this one, so that they count together and nothing has to be sent for it.
 * @module
 */
import { computed, signal } from "@preact/signals";

const TICK_MS = 1_000;
const SLOW_MS = 10_000;

/** By how much the controller's clock is ahead of the browser's. */
export const aheadMs = signal(0);
const localMs = signal(Date.now());

/** The controller's time in milliseconds. */
export const nowMs = computed(() => localMs.value + aheadMs.value);

/** The same in steps of ten seconds, for what is costly to draw. */
export const slowNowMs = computed(() => Math.floor(nowMs.value / SLOW_MS) * SLOW_MS);

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) localMs.value = Date.now();
  }, TICK_MS);
  document.addEventListener("visibilitychange", () => localMs.value = Date.now());
}
