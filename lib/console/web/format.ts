/**
 * Numbers and times as people read them in the dashboard: short, of one form each, so that columns stay calm. The
 * programs' own form of a duration is `formatDuration`; a page shows whole seconds at most, as it counts them.
 * @module
 */
import { formatDuration } from "../../runtime/duration.ts";

const KIB = 1_024;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
const NOW_MS = 5_000;

/** How long something has been so: "12 s", "3 m 05 s", "2 h 05 m". */
export function lasting(ms: number): string {
  const wholeMs = Math.max(0, Math.floor(ms / 1_000)) * 1_000;
  return wholeMs < 60_000 ? `${wholeMs / 1_000} s` : formatDuration(wholeMs);
}

/** How long ago something was. */
export function ago(ms: number): string {
  return ms < NOW_MS ? "just now" : `${lasting(ms)} ago`;
}

/** The time of day of an RFC 3339 time, for a line of a log. */
export function timeOfDay(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString("en-GB");
}

/** Date and time in full, for who points at a short one. */
export function moment(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  return date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

export function bytes(count: number): string {
  let unit = 0;
  let amount = count;
  while (amount >= 1_000 && unit < UNITS.length - 1) {
    amount /= KIB;
    unit += 1;
  }
  const digits = unit === 0 || amount >= 100 ? 0 : 1;
  return `${amount.toFixed(digits)} ${UNITS[unit]}`;
}

/** Of MiB, as specs and nodes have it. */
export function mebibytes(count: number): string {
  return bytes(count * KIB * KIB);
}

/** Specs often ask for a quarter of one. */
export function cores(count: number): string {
  return String(Number(count.toFixed(count < 10 ? 2 : 1)));
}

/** Seconds of latency: "850 µs", "3.2 ms", "1.20 s". */
export function latency(seconds: number): string {
  if (seconds < 0.001) return `${Math.round(seconds * 1_000_000)} µs`;
  if (seconds < 1) return `${(seconds * 1_000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  return `${seconds.toFixed(2)} s`;
}

/** A rate per second. */
export function rate(perSecond: number): string {
  if (perSecond >= 10_000) return `${(perSecond / 1_000).toFixed(1)} k`;
  return perSecond >= 10 || Number.isInteger(perSecond) ? String(Math.round(perSecond)) : perSecond.toFixed(1);
}

/** "1 replica", "2 replicas". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}

/** The beginning of an id, enough to tell it from others. */
export function short(id: string): string {
  return id.slice(0, 8);
}
