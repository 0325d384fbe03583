/**
 * ConsoleHandler: log lines on standard output, coloured by their level.
 *
 * @module
 */
import { BaseHandler, type BaseHandlerOptions } from "./base_handler.ts";
import { type LevelName, LogLevels } from "./levels.ts";
import type { LogRecord } from "./logger.ts";

/** Options of a ConsoleHandler. */
export interface ConsoleHandlerOptions extends BaseHandlerOptions {
  /** Default true; `NO_COLOR` in the environment wins. */
  useColors?: boolean;
}

/** An ANSI style: the code that begins it and the code that ends it. */
type Style = readonly [begin: number, end: number];

const BOLD: Style = [1, 22];
const RED: Style = [31, 39];
const YELLOW: Style = [33, 39];
const BLUE: Style = [34, 39];

/** From the inside out. A level that isn't here has no colour. */
const STYLES: ReadonlyMap<number, readonly Style[]> = new Map([
  [LogLevels.INFO, [BLUE]],
  [LogLevels.WARN, [YELLOW]],
  [LogLevels.ERROR, [RED]],
  [LogLevels.CRITICAL, [RED, BOLD]],
]);

/** Writes log lines with console.log(). */
export class ConsoleHandler extends BaseHandler {
  readonly #useColors: boolean;

  /** Takes the lowest level that is written. */
  constructor(levelName: LevelName, options: ConsoleHandlerOptions = {}) {
    super(levelName, options);
    this.#useColors = (options.useColors ?? true) && !Deno.noColor;
  }

  /** The line for a record, in its level's colour. */
  override format(logRecord: LogRecord): string {
    const styles = this.#useColors ? STYLES.get(logRecord.level) ?? [] : [];
    return styles.reduce(paint, super.format(logRecord));
  }

  /** Writes a line. */
  override log(msg: string): void {
    console.log(msg);
  }
}

/** A style that ends within the text would end this one too: it begins anew there. */
function paint(text: string, [begin, end]: Style): string {
  return `\x1b[${begin}m${text.replaceAll(`\x1b[${end}m`, `\x1b[${begin}m`)}\x1b[${end}m`;
}
