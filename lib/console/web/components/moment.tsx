/**
 * Times on a page: how long ago, or for how long, moving with the one clock, and the time itself for who points at it.
 * @module
 */
import { ago, lasting, moment } from "../format.ts";
import { nowMs } from "../live/clock.ts";

export function Ago({ time }: { time: string }) {
  return <time dateTime={time} title={moment(time)}>{ago(nowMs.value - Date.parse(time))}</time>;
}

/** For how long something has been so; nothing, when it isn't. */
export function Since({ time }: { time: string | null }) {
  if (time === null) return <span class="faint">–</span>;
  return <time dateTime={time} title={`since ${moment(time)}`}>{lasting(nowMs.value - Date.parse(time))}</time>;
}
