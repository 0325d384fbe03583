/**
 * `controller logs web -f`: what the replicas of a service write, line by line, each with its replica's name. Lines that
 * are there already are put in the order of their times; lines that are followed come as they are written.
 * @module
 */
import { DEFAULT_SERVICE } from "../../cluster/service.ts";
import { number, onOff } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import type { ServiceLogLine } from "../../wire/api.ts";
import { paint, paintNth } from "../render/paint.ts";
import { command } from "./command.ts";
import type { Screen } from "./screen.ts";

/** More lines than this are not held back to be put in order. */
const SORTED_MAX = 50_000;

export const logs = command({
  name: "logs",
  summary: "what the replicas of a service write",
  words: [{ name: "service", kind: "service", optional: true }],
  flags: {
    follow: onOff({ short: "f", help: "Go on as lines are written, until Ctrl-C" }),
    tail: number({ help: "Lines of each replica that come first", min: 0, max: 10_000, whole: true, default: "100" }),
  },
  act: async ({ client, words: [service = DEFAULT_SERVICE], flags: { follow, tail }, output, out, signal }) => {
    const print = output === "json" ? jsonLine : lineFor(out);
    const lines = client.readServiceLogs({ name: service, query: { tail, follow } }, { signal });
    for await (const line of follow ? lines : sorted(lines)) await out.write(print(line));
  },
});

async function* sorted(lines: AsyncIterable<ServiceLogLine>): AsyncGenerator<ServiceLogLine> {
  let held: ServiceLogLine[] = [];
  for await (const line of lines) {
    if (held.push(line) < SORTED_MAX) continue;
    yield* held.sort(byTime);
    held = [];
  }
  yield* held.sort(byTime);
}

/** Times are all of one form, so that their texts sort as they do. */
function byTime(a: ServiceLogLine, b: ServiceLogLine): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : 0;
}

function jsonLine(line: ServiceLogLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** `web.2 | text`, the names of neighbours in different colours and as wide as the widest so far. */
function lineFor(screen: Screen): (line: ServiceLogLine) => string {
  let width = 0;
  return ({ name, slot, stream, line }) => {
    width = Math.max(width, name.length);
    const head = paintNth(`${printableLine(name).padEnd(width)} |`, slot, screen);
    const text = printableLine(line);
    // What the controller itself says in between must not pass for the workload's words.
    return `${head} ${stream === "muster" ? paint(`(${text})`, "faint", screen) : text}\n`;
  };
}
