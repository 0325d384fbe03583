/**
 * BaseHandler: where the records of a logger go. A concrete handler says in log() what to do with a
 * line; this class decides which records become lines, and how.
 *
 * @module
 */
import { getLevelByName, getLevelName, type LevelName, type LogLevel } from "./levels.ts";
import type { LogRecord } from "./logger.ts";

export type { LevelName, LogLevel, LogRecord };

/** Turns a record into a line. */
export type FormatterFunction = (logRecord: LogRecord) => string;

/** Options of every handler. */
export interface BaseHandlerOptions {
  /** Default: the level's name, a space and the message. */
  formatter?: FormatterFunction;
}

/** A destination of log lines, with a level of its own. */
export abstract class BaseHandler {
  /** Turns a record into a line. */
  formatter: FormatterFunction;
  #level: LogLevel;

  /** Takes the lowest level that this handler lets through. */
  constructor(levelName: LevelName, options: BaseHandlerOptions = {}) {
    this.formatter = options.formatter ??
      (({ levelName, msg }) => `${levelName} ${msg}`);
    this.#level = getLevelByName(levelName);
  }

  /** The lowest level that is let through. */
  get level(): LogLevel {
    return this.#level;
  }
  set level(level: LogLevel) {
    this.#level = getLevelByName(getLevelName(level));
  }

  /** The same, by name. */
  get levelName(): LevelName {
    return getLevelName(this.#level);
  }
  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  /** Formats and logs a record that is high enough. */
  handle(logRecord: LogRecord): void {
    if (logRecord.level >= this.level) this.log(this.format(logRecord));
  }

  /** The line for a record. */
  format(logRecord: LogRecord): string {
    return this.formatter(logRecord);
  }

  /** Puts a line where this handler's lines go. */
  abstract log(msg: string): void;

  /** Called by setup() before the first record: the place to open what log() needs. */
  setup(): void {}

  /** Called when another setup() replaces this one: the place to close it again. */
  destroy(): void {}

  /** Makes `using` possible. */
  [Symbol.dispose](): void {
    this.destroy();
  }
}
