/**
 * getLogger(): finds a logger by its name, from anywhere.
 *
 * @module
 */
import { registry } from "./_registry.ts";
import { Logger } from "./logger.ts";

export type { Logger };

/** The logger of that name, or "default". An unknown name makes a logger that has no handlers yet. */
export function getLogger(name?: string): Logger {
  const found = registry.loggers.get(name || "default");
  if (found) return found;
  if (!name) {
    throw new Error('"default" logger must be set for getting logger without name');
  }
  const logger = new Logger(name, "NOTSET", { handlers: [] });
  registry.loggers.set(name, logger);
  return logger;
}
