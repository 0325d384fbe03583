/**
 * setup(): replaces all handlers and loggers by those of a configuration. Loading this module sets up
 * the default: a logger named "default" that writes to the console from INFO on.
 *
 * @module
 */
import { registry } from "./_registry.ts";
import { ConsoleHandler } from "./console_handler.ts";
import type { LevelName } from "./levels.ts";
import { type LogConfig, Logger } from "./logger.ts";

const DEFAULT_LEVEL: LevelName = "INFO";

const DEFAULTS: LogConfig = {
  handlers: { default: new ConsoleHandler(DEFAULT_LEVEL) },
  loggers: { default: { level: DEFAULT_LEVEL, handlers: ["default"] } },
};

/** Puts a configuration into force; "default" stays what it was unless the configuration names it. */
export function setup(config: LogConfig): void {
  const handlers = new Map(Object.entries({ ...DEFAULTS.handlers, ...config.handlers }));
  for (const handler of registry.handlers) handler.destroy();
  for (const handler of handlers.values()) handler.setup();
  registry.handlers = new Set(handlers.values());

  registry.loggers.clear();
  for (
    const [name, entry] of Object.entries({
      ...DEFAULTS.loggers,
      ...config.loggers,
    })
  ) {
    const { level = DEFAULT_LEVEL, handlers: handlerNames = [] } = entry;
    // A name without a handler is passed over.
    const own = handlerNames.map((it) => handlers.get(it)).filter((it) => it !== undefined);
    registry.loggers.set(name, new Logger(name, level, { handlers: own }));
  }
}

setup({});
