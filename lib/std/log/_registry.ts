/**
 * The one registry of loggers that setup() fills and getLogger() reads. It is empty until
 * setup.ts is loaded, as mod.ts does.
 *
 * @module
 */
import type { BaseHandler } from "./base_handler.ts";
import type { Logger } from "./logger.ts";

/** The handlers that are set up, and the loggers by name. */
export const registry = {
  handlers: new Set<BaseHandler>(),
  loggers: new Map<string, Logger>(),
};
