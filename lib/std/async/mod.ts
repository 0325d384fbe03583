/**
 * Stand-in for `@std/async`: the few things Muster waits with, with the names, signatures, bounds and
 * errors of the original. `links` in deno.json puts this folder before the published package;
 * `deno task check:jsr` runs the same tests on the original.
 *
 * @module
 */
export * from "./abortable.ts";
export * from "./deadline.ts";
export * from "./debounce.ts";
export * from "./delay.ts";
export * from "./pool.ts";
export * from "./retry.ts";
