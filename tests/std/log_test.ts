/**
 * The contract of @std/log as far as Muster uses it. `deno task check:jsr` runs this file on the original too.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  BaseHandler,
  ConsoleHandler,
  getLevelByName,
  getLevelName,
  getLogger,
  jsonFormatter,
  Logger,
  LogLevelNames,
  LogLevels,
  setup,
} from "@std/log";
import { jsonFormatter as jsonFormatterOfSubpath } from "@std/log/formatters";
import type { LevelName, LogLevel } from "@std/log/levels";
// From its own path: the whole package exports it as a type only.
import { LogRecord } from "@std/log/logger";

/** A handler that remembers its lines, and when it was opened and closed. */
class MemoryHandler extends BaseHandler {
  readonly lines: string[] = [];
  override log(msg: string): void {
    this.lines.push(msg);
  }
  override setup(): void {
    this.lines.push("(setup)");
  }
  override destroy(): void {
    this.lines.push("(destroy)");
  }
}

const recordOf = (level: LogLevel, ...args: unknown[]) =>
  new LogRecord({ msg: "hello", args, level, loggerName: "web" });

Deno.test("levels are found by name and by number", () => {
  assertEquals(LogLevelNames, ["NOTSET", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"]);
  assertEquals(LogLevelNames.map(getLevelByName), [0, 10, 20, 30, 40, 50]);
  assertEquals(Object.values(LogLevels).map(getLevelName), LogLevelNames);
  assertThrows(() => getLevelByName("LOUD" as LevelName), Error, "Cannot get log level: no level named LOUD");
  assertThrows(() => getLevelName(5 as LogLevel), Error, "Cannot get log level: no name for level: 5");
});

Deno.test("LogRecord hands out copies", () => {
  const record = recordOf(LogLevels.WARN, 1);
  record.args.push(2);
  record.datetime.setTime(0);
  assertEquals([record.msg, record.level, record.levelName, record.loggerName], ["hello", 30, "WARN", "web"]);
  assertEquals(record.args, [1]);
  assert(record.datetime.getTime() > 0);
});

Deno.test("BaseHandler formats what is high enough", () => {
  const handler = new MemoryHandler("WARN");
  handler.handle(recordOf(LogLevels.INFO));
  handler.handle(recordOf(LogLevels.WARN));
  handler.levelName = "INFO";
  handler.formatter = ({ loggerName, msg }) => `${loggerName}: ${msg}`;
  handler.handle(recordOf(LogLevels.INFO));
  assertEquals(handler.lines, ["WARN hello", "web: hello"]);
  assertEquals(handler.level, LogLevels.INFO);
  handler.level = LogLevels.ERROR;
  assertEquals(handler.levelName, "ERROR");
});

Deno.test("BaseHandler is disposable", () => {
  const handler = new MemoryHandler("INFO");
  handler[Symbol.dispose]();
  assertEquals(handler.lines, ["(destroy)"]);
});

Deno.test("ConsoleHandler colours by level", () => {
  const handler = new ConsoleHandler("DEBUG");
  const plain = new ConsoleHandler("DEBUG", { useColors: false });
  assertEquals(plain.format(recordOf(LogLevels.ERROR)), "ERROR hello");
  assertEquals(handler.format(recordOf(LogLevels.DEBUG)), "DEBUG hello");
  const paint = (text: string, colors: string) => Deno.noColor ? text : colors.replace("*", text);
  assertEquals(handler.format(recordOf(LogLevels.INFO)), paint("INFO hello", "\x1b[34m*\x1b[39m"));
  assertEquals(handler.format(recordOf(LogLevels.WARN)), paint("WARN hello", "\x1b[33m*\x1b[39m"));
  assertEquals(handler.format(recordOf(LogLevels.ERROR)), paint("ERROR hello", "\x1b[31m*\x1b[39m"));
  const critical = "\x1b[1m\x1b[31m*\x1b[39m\x1b[22m";
  assertEquals(handler.format(recordOf(LogLevels.CRITICAL)), paint("CRITICAL hello", critical));
});

Deno.test("jsonFormatter() writes one object, and a single argument without its list", () => {
  const record = recordOf(LogLevels.INFO, { a: 1 });
  const datetime = record.datetime.getTime();
  assertEquals(jsonFormatter(record), JSON.stringify({ level: "INFO", datetime, message: "hello", args: { a: 1 } }));
  assertEquals(JSON.parse(jsonFormatter(recordOf(LogLevels.INFO, 1, 2))).args, [1, 2]);
  assert(!("args" in JSON.parse(jsonFormatter(recordOf(LogLevels.INFO)))));
  assertStrictEquals(jsonFormatterOfSubpath, jsonFormatter);
});

Deno.test("Logger passes on what is high enough, and returns the message in any case", () => {
  const handler = new MemoryHandler("NOTSET", { formatter: ({ msg, args }) => `${msg} ${JSON.stringify(args)}` });
  const logger = new Logger("web", "INFO", { handlers: [handler] });
  assertEquals(logger.debug("low"), "low");
  assertEquals(logger.info("start", 1, "a"), "start");
  assertEquals(logger.warn({ a: 1, b: ["x", null] }), { a: 1, b: ["x", null] });
  assertEquals(logger.error(3), 3);
  assertEquals(logger.critical(undefined), undefined);
  assertEquals(handler.lines, ['start [1,"a"]', '{"a":1,"b":{"0":"x","1":null}} []', "3 []", "undefined []"]);
});

Deno.test("Logger asks a function for its message only if it is wanted", () => {
  const handler = new MemoryHandler("NOTSET");
  const logger = new Logger("web", "WARN", { handlers: [handler] });
  assertEquals(logger.info(() => "never"), undefined);
  assertEquals(logger.warn(() => 42), 42);
  assertEquals(handler.lines, ["WARN 42"]);
});

Deno.test("Logger logs an error by its stack", () => {
  const handler = new MemoryHandler("NOTSET");
  const logger = new Logger("web", "NOTSET", { handlers: [handler] });
  logger.error(new RangeError("too far"));
  assertStringIncludes(handler.lines.join(), "ERROR RangeError: too far\n    at ");
});

Deno.test("Logger's level can be changed, but only to one that exists", () => {
  const logger = new Logger("web", "INFO");
  logger.level = LogLevels.ERROR;
  assertEquals([logger.levelName, logger.loggerName, logger.handlers], ["ERROR", "web", []]);
  logger.levelName = "DEBUG";
  assertEquals(logger.level, LogLevels.DEBUG);
  assertThrows(() => logger.level = 5 as LogLevel, TypeError, "Invalid log level: 5");
});

Deno.test("setup() opens its handlers and closes those before them", () => {
  const first = new MemoryHandler("NOTSET");
  const second = new MemoryHandler("NOTSET");
  const loggers = { web: { level: "DEBUG", handlers: ["memory", "absent"] } } as const;
  const config = (memory: BaseHandler) => ({
    handlers: { memory },
    loggers: { web: { ...loggers.web, handlers: [...loggers.web.handlers] }, bare: {} },
  });
  setup(config(first));
  getLogger("web").debug("one");
  setup(config(second));
  getLogger("web").debug("two");
  assertEquals(getLogger("bare").levelName, "INFO");
  setup({});
  assertEquals(first.lines, ["(setup)", "DEBUG one", "(destroy)"]);
  assertEquals(second.lines, ["(setup)", "DEBUG two", "(destroy)"]);
});

Deno.test("getLogger() gives the default logger, and makes one for an unknown name", () => {
  setup({});
  assertEquals(getLogger().loggerName, "default");
  assertEquals(getLogger().levelName, "INFO");
  const logger = getLogger("new");
  assertEquals([logger.levelName, logger.handlers], ["NOTSET", []]);
  assertStrictEquals(getLogger("new"), logger);
  setup({});
  assert(getLogger("new") !== logger);
});
