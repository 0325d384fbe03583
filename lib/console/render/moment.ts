/**
 * Moments as the command line shows them: to the second, in UTC like the log, and sortable.
 * @module
 */

/** `2026-03-01 12:30:05`; a text that is no time is shown as it is. */
export function moment(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? time : new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}
