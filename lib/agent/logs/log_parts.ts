/**
 * The older parts of a log: `<log>.1`, `<log>.2` and so on, of which the highest is the newest. A number stands for one
 * part for ever, so that whoever reads a log while it is cut knows which parts are new to them.
 * @module
 */
import { basename, dirname, join } from "node:path";

export function partPath(path: string, part: number): string {
  return `${path}.${part}`;
}

/** The numbers of a log's older parts, the oldest first. */
export function olderParts(path: string): number[] {
  return partsIn(dirname(path)).get(basename(path)) ?? [];
}

/** The same of every log in a folder, by the name of the log's file. */
export function partsIn(folder: string): Map<string, number[]> {
  const parts = new Map<string, number[]>();
  for (const { name } of Deno.readDirSync(folder)) {
    const [, log, number] = /^(.+)\.(\d{1,15})$/.exec(name) ?? [];
    if (log === undefined) continue;
    const known = parts.get(log);
    if (known === undefined) parts.set(log, [Number(number)]);
    else known.push(Number(number));
  }
  for (const numbers of parts.values()) numbers.sort((a, b) => a - b);
  return parts;
}

/** Removes the oldest parts until so many are left. */
export function keepNewest(path: string, most: number): void {
  for (const part of olderParts(path).slice(0, -most || undefined)) Deno.removeSync(partPath(path, part));
}

/** Removes the parts in a folder that were cut off before that time, of the logs of which it is said. */
export function removeOldParts(folder: string, earliestMsOf: (log: string) => number | undefined): void {
  for (const [log, numbers] of partsIn(folder)) {
    const earliestMs = earliestMsOf(log);
    if (earliestMs === undefined) continue;
    for (const part of numbers) {
      const path = partPath(join(folder, log), part);
      const { mtime, size } = Deno.lstatSync(path);
      if (size === 0 || (mtime?.getTime() ?? 0) >= earliestMs) continue;
      // Where numbers go on is told by the newest, which stays without its content.
      if (part === numbers.at(-1)) Deno.truncateSync(path);
      else Deno.removeSync(path);
    }
  }
}
