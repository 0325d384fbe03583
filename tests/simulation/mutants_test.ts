/**
 * Deliberate bugs stay where they can be put in: the text that each one replaces is in its file once.
 * @module
 */
import { assertEquals } from "@std/assert";
import { granted } from "../support/granted.ts";
import { MUTANTS } from "./mutants.ts";

for (const { name, file, find, replace } of MUTANTS) {
  Deno.test({
    name: `the deliberate bug "${name}" can be put in`,
    ignore: !granted,
    fn: async () => {
      const text = await Deno.readTextFile(new URL(`../../${file}`, import.meta.url));
      assertEquals(text.split(find).length - 1, 1, `${file} has this ${text.split(find).length - 1} times: ${find}`);
      assertEquals(find === replace, false);
    },
  });
}
