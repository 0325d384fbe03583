import { assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { pagesIn } from "../../../lib/controller/pages/page_files.ts";
import { granted } from "../../support/granted.ts";

Deno.test({
  name: "pagesIn() gives what was built as soon as it is there, and keeps it",
  ignore: !granted,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "muster-test-" });
    try {
      const pages = pagesIn(`${folder}/dashboard.json`);
      assertEquals(await pages(), undefined);
      const gzip = gzipSync("hello").toString("base64");
      const files = { "index.html": { type: "text/html", etag: "a", gzip } };
      await Deno.writeTextFile(`${folder}/dashboard.json`, JSON.stringify({ files }));
      const first = await pages();
      assertEquals([...first ?? []].map(([path, { etag }]) => [path, etag]), [["index.html", "a"]]);
      assertEquals(await pages(), first);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
