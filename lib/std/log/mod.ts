/**
 * Stand-in for `@std/log`: levels, loggers and the console, with the names, signatures and messages of
 * the original. `links` in deno.json puts this folder before the published package;
 * `deno task check:jsr` runs the same tests on the original.
 *
 * @module
 */
export * from "./base_handler.ts";
export * from "./console_handler.ts";
export * from "./levels.ts";
// Before get_logger.ts, which exports Logger as a type only: the first export of a name counts.
export * from "./logger.ts";
export * from "./formatters.ts";
export * from "./get_logger.ts";
export * from "./setup.ts";
