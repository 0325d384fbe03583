/**
 * Exclusive services: at most one live instance of a slot, ever. A replica that its controller can't reach any more ends
 * by itself after a while, and only then may another one take its place. This says how long each of them waits.
 * @module
 */
import { parseDurationMs } from "../runtime/duration.ts";
import { durationFrom, type ObjectOf } from "./spec_field.ts";

/** Shorter, and a lost health check or two would stop what is well. */
const STOP_AFTER_MIN = "3s";
/** Between the last moment at which a replica may live and the first at which another may begin. */
const MARGIN_MS = 1_000;

export function isolationSchema(object: ObjectOf) {
  return object({ stop_after: durationFrom(STOP_AFTER_MIN).prefault("15s") });
}

interface MaybeExclusive {
  on_isolation?: { stop_after: string } | undefined;
  stop: { timeout: string };
}

/** Whether two processes of one slot must never live at once. */
export function isExclusive(spec: Pick<MaybeExclusive, "on_isolation">): boolean {
  return spec.on_isolation !== undefined;
}

/** For how long after its controller's last contact a replica runs on; undefined when it does for ever. */
export function stopAfterMs({ on_isolation }: Pick<MaybeExclusive, "on_isolation">): number | undefined {
  return on_isolation && parseDurationMs(on_isolation.stop_after);
}

/** How long after the last reply of its agent a replica that is out of reach is known to have ended. */
export function goneAfterMs(spec: MaybeExclusive): number {
  return (stopAfterMs(spec) ?? 0) + parseDurationMs(spec.stop.timeout) + MARGIN_MS;
}
