import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { isThere } from "../../lib/runtime/is_there.ts";
import { granted } from "../support/granted.ts";

Deno.test({
  name: "isThere() knows files, folders, and links that lead nowhere",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "muster-is-there-" });
    try {
      await Deno.writeTextFile(join(folder, "file"), "");
      await Deno.symlink("nowhere", join(folder, "link"));
      const found = await Promise.all(["file", "link", "other", "."].map((name) => isThere(join(folder, name))));
      assertEquals(found, [true, true, false, true]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
