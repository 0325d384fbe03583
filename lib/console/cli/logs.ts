/**
 * `controller logs web -f`: what the replicas of a service write, line by line, each with its replica's name; or what one
 * of them does. Lines that are there already are put in the order of their times; lines that are followed come as they
 * are written, also over a controller that was away for a while.
 * @module
 */
import { unicodeWidth } from "@std/cli";
import { DEFAULT_SERVICE } from "../../cluster/service.ts";
import { number, oneOf, onOff } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import type { ServiceLogLine } from "../../wire/api.ts";
import { paint, paintNth } from "../render/paint.ts";
import { command } from "./command.ts";
import { followedLogs } from "./streams/followed_logs.ts";
import { type LogSource, logSourceOf } from "./streams/log_source.ts";
import type { Screen } from "./screen.ts";

/** More lines than this are not held back to be put in order. */
const SORTED_MAX = 50_000;
/** No name pushes the lines of all others further to the right than this. */
const NAME_COLUMNS_MAX = 32;

export const logs = command({
  name: "logs",
  summary: "what the replicas of a service write",
  details:
    "A service shows the lines of all its replicas. A replica is named by its service and slot, such as web.2, " +
    "or by its id. With -f a lost connection is said and taken up again; what was shown is not shown twice.",
  words: [{ name: "service|replica", kind: "service or replica", optional: true }],
  flags: {
    follow: onOff({ short: "f", help: "Go on as lines are written, until Ctrl-C" }),
    tail: number({ help: "Lines of each replica that come first", min: 0, max: 10_000, whole: true, default: "100" }),
    stream: oneOf(["all", "out", "err"], { help: "Standard output alone, or standard error", default: "all" }),
  },
  examples: [
    { line: "controller logs web -f", does: "all replicas of web, as they write" },
    { line: "controller logs web.2 --tail 1000 --stream err", does: "what one of them complained of" },
  ],
  act: async ({ client, words: [called = DEFAULT_SERVICE], flags, signal, note, showEach }) => {
    const { follow, tail } = flags;
    const query = flags.stream === "all" ? {} : { stream: flags.stream };
    const open = (signal: AbortSignal) => logSourceOf(called, { client, query, signal });
    const lines = follow ? followedLogs(open, { tail, signal, note }) : sorted(read(open(signal), { tail }));
    const line = lineFor();
    for await (const each of lines) await showEach(each, (screen) => line(each, screen));
  },
});

async function* read(source: LogSource, { tail }: { tail: number }): AsyncGenerator<ServiceLogLine> {
  await source.find();
  yield* source.read({ tail, follow: false });
}

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

/** `web.2 | text`, the names of neighbours in different colours and as wide as the widest so far. */
function lineFor(): (line: ServiceLogLine, screen: Screen) => string {
  let widest = 0;
  return ({ name, slot, stream, line }, screen) => {
    const called = printableLine(name);
    const columns = unicodeWidth(called);
    widest = Math.max(widest, Math.min(columns, NAME_COLUMNS_MAX));
    const head = paintNth(`${called}${" ".repeat(Math.max(0, widest - columns))} |`, slot, screen);
    const text = printableLine(line);
    // What the controller itself says in between must not pass for the workload's words.
    return `${head} ${stream === "muster" ? paint(`(${text})`, "faint", screen) : text}\n`;
  };
}
