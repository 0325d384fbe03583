/**
 * What the programs logged last, shown when a step has failed.
 * @module
 */
import { type Entry, type Fields, type Level, prettyLine } from "../../lib/runtime/log_format.ts";
import type { Cluster } from "./cluster.ts";
import type { Screen } from "./screen.ts";

export function showLogTails(cluster: Cluster, screen: Screen): void {
  for (const { name, lines } of cluster.logTails()) {
    screen.print("", `  ${screen.bold(`The end of the log of ${name}:`)}`);
    screen.print(...lines.map((line) => `  ${screen.dim(forPeople(line))}`));
  }
  screen.print();
}

/** A line of the log as a terminal would have shown it; what is no such line, a crash's last words, stays as it is. */
function forPeople(line: string): string {
  if (!line.startsWith("{")) return line;
  const { time, level, logger, msg, ...fields }: { time: string; level: Level; logger: string; msg: string } & Fields =
    JSON.parse(line);
  const entry: Entry = { time: new Date(time), level, logger, msg, fields };
  return prettyLine(entry);
}
