/**
 * jsonFormatter(): one JSON object per line, for whatever collects logs.
 *
 * @module
 */
import type { LogRecord } from "./logger.ts";

/** The record as JSON: level, time in milliseconds, message, and the arguments (a single one without its array). */
export function jsonFormatter(logRecord: LogRecord): string {
  const { args, datetime, levelName, msg } = logRecord;
  return JSON.stringify({
    level: levelName,
    datetime: datetime.getTime(),
    message: msg,
    args: args.length > 1 ? args : args[0],
  });
}
