/**
 * The proofs that docs/security.md names are there: each test file, and in it each test or step by its name.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { granted } from "../support/granted.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

Deno.test({
  name: "docs/security.md names tests that exist",
  ignore: !granted,
  fn: async () => {
    const missing: string[] = [];
    let proofs = "";
    let named = 0;
    for (const line of (await Deno.readTextFile(`${ROOT}docs/security.md`)).split("\n")) {
      for (const [, path = ""] of line.matchAll(/`(tests\/[\w/]+(?:_test\.ts|\/))`/g)) {
        if (!await isThere(path)) missing.push(path);
        else if (path.startsWith("tests/scenario/")) proofs = await Deno.readTextFile(`${ROOT}${path}`);
      }
      const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
      const [, , test = ""] = cells;
      if (cells.length !== 3 || test === "test" || /^-+$/.test(test)) continue;
      named += 1;
      if (!proofs.includes(test)) missing.push(test);
    }
    assertEquals(missing, []);
    assert(named > 30, `${named} proofs are named`);
  },
});

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(`${ROOT}${path}`);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
