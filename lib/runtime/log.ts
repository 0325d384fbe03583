/**
 * The programs' log. `setupLog` is called once by an entry file; everybody else asks `getLog(name)` for a log of their
 * own, also at the top of a module. Lines go to stderr and are written before the call returns, so that the last one
 * before a crash is there. Until the set-up nothing is written: a library under test is silent.
 * @module
 */
import { BaseHandler, getLogger, type Logger, type LogRecord, setup } from "@std/log";
import { type Entry, type Fields, jsonLine, type Level, prettyLine } from "./log_format.ts";

export type { Fields } from "./log_format.ts";

/** A log with a name. Fields are data beside the message; errors among them are written with their causes. */
export interface Log {
  debug(msg: string, fields?: Fields): void;
  info(msg: string, fields?: Fields): void;
  warn(msg: string, fields?: Fields): void;
  error(msg: string, fields?: Fields): void;
}

/** How and how much is logged. */
export interface LogOptions {
  /** `auto`: pretty on a terminal, JSON elsewhere. */
  format: "auto" | "json" | "pretty";
  /** The least grave level that is written. At `debug` errors are written with their stacks. */
  level: Level;
  /** Where whole lines go, stderr unless a test says otherwise. */
  write?: (line: string) => void;
  /** Whether that is a terminal, and one that shows colours. */
  terminal?: { isTerminal: boolean; colours: boolean };
}

type LevelName = "DEBUG" | "INFO" | "WARN" | "ERROR";

const LEVEL_NAMES: Readonly<Record<Level, LevelName>> = { debug: "DEBUG", info: "INFO", warn: "WARN", error: "ERROR" };

let handler: LineHandler | undefined;

/** Starts the log. A second call replaces the first. */
export function setupLog(options: LogOptions): void {
  handler = new LineHandler(options);
  const level = LEVEL_NAMES[options.level];
  setup({ handlers: { lines: handler }, loggers: { default: { level, handlers: ["lines"] } } });
}

/** The log of that name, as the `logger` of its lines. */
export function getLog(name: string): Log {
  return {
    debug: (msg, fields) => loggerOf(name)?.debug(msg, fields),
    info: (msg, fields) => loggerOf(name)?.info(msg, fields),
    warn: (msg, fields) => loggerOf(name)?.warn(msg, fields),
    error: (msg, fields) => loggerOf(name)?.error(msg, fields),
  };
}

/** Each set-up forgets all loggers of before, so they are looked up per call and given the one handler. */
function loggerOf(name: string): Logger | undefined {
  if (handler === undefined) return undefined;
  const logger = getLogger(name);
  if (logger.handlers.length === 0) {
    logger.handlers = [handler];
    logger.levelName = handler.levelName;
  }
  return logger;
}

class LineHandler extends BaseHandler {
  readonly #write: (line: string) => void;

  constructor({ format, level, write = writeToStderr, terminal = stderrTerminal() }: LogOptions) {
    const pretty = format === "pretty" || (format === "auto" && terminal.isTerminal);
    const stacks = level === "debug";
    super(LEVEL_NAMES[level], {
      formatter: (record) =>
        pretty
          ? prettyLine(entryOf(record), { colours: terminal.isTerminal && terminal.colours, stacks })
          : jsonLine(entryOf(record), { stacks }),
    });
    this.#write = write;
  }

  override log(line: string): void {
    this.#write(`${line}\n`);
  }
}

function entryOf({ datetime, levelName, loggerName, msg, args }: LogRecord): Entry {
  const level = levelName.toLowerCase() as Level;
  return { time: datetime, level, logger: loggerName, msg, fields: (args[0] ?? {}) as Fields };
}

function stderrTerminal(): { isTerminal: boolean; colours: boolean } {
  const isTerminal = Deno.stderr.isTerminal();
  return { isTerminal, colours: isTerminal && !Deno.noColor && Deno.env.get("TERM") !== "dumb" };
}

const encoder = new TextEncoder();

function writeToStderr(line: string): void {
  const bytes = encoder.encode(line);
  try {
    for (let written = 0; written < bytes.length;) written += Deno.stderr.writeSync(bytes.subarray(written));
  } catch (error) {
    // Nobody reads any more, or can't keep up on a pipe that doesn't block: a lost line is no reason to end the program.
    if (!(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.WouldBlock)) throw error;
  }
}
