/**
 * Stand-in for `@std/cli`: the reading of command lines and the measuring of what is printed, with the
 * names, signatures and results of the original. `links` in deno.json puts this folder before the
 * published package; `deno task check:jsr` runs the same tests on the original.
 *
 * @module
 */
export * from "./parse_args.ts";
export * from "./unicode_width.ts";
