/**
 * The last words of bare `deno test`: it runs what needs no permission and ignores the rest, and this file, the last by
 * name, says which command runs everything.
 * @module
 */
import { granted } from "./support/granted.ts";

if (!granted) Deno.test({ name: "`deno task test` runs what was ignored here", ignore: true, fn() {} });
