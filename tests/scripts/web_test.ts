/**
 * The dashboard as `deno task web` makes it, and when it makes it anew.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { pagesIn } from "../../lib/controller/pages/page_files.ts";
import { PAGE_BYTES_MAX } from "../../scripts/web/pack_page.ts";
import { newestMs } from "../../scripts/web/newest.ts";
import { makeDashboard, refreshDashboard } from "../../scripts/web.ts";
import { fileURLToPath } from "node:url";
import { granted } from "../support/granted.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));

Deno.test({
  name: "deno task web makes a page that stays within its bound, charts and all, with nothing inline",
  ignore: !granted,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "muster-test-web-" });
    try {
      const out = `${folder}/dashboard.json`;
      const said = await makeDashboard({ deno: Deno.execPath(), project }, { out });
      const files = await pagesIn(out)() ?? new Map();
      const kinds = [...files.keys()].map((path) => path.replace(/^assets\/(\w+)-\w+/, "$1")).toSorted();
      assertEquals(kinds, ["favicon.svg", "index.html", "main.js", "page.css", "plot.js"]);
      const bytes = [...files.values()].reduce((sum, { packed }) => sum + packed.length, 0);
      assert(bytes <= PAGE_BYTES_MAX, said);
      const page = await new Response(
        new Blob([files.get("index.html")!.packed]).stream().pipeThrough(new DecompressionStream("gzip")),
      ).text();
      assertEquals(page.match(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/g), null);
      console.log(said);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "deno task web makes the same bytes of the same sources each time",
  ignore: !granted,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "muster-test-web-" });
    try {
      const [one, other] = [`${folder}/one.json`, `${folder}/other.json`];
      for (const out of [one, other]) await makeDashboard({ deno: Deno.execPath(), project }, { out });
      assertEquals(await Deno.readTextFile(other), await Deno.readTextFile(one));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "refreshDashboard() makes nothing while no source is newer",
  ignore: !granted,
  fn: async () => {
    await refreshDashboard();
    assertEquals(await refreshDashboard(), undefined);
  },
});

Deno.test({
  name: "newestMs() notices a file that was removed, by its folder",
  ignore: !granted,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "muster-test-newest-" });
    try {
      await Deno.mkdir(`${folder}/inner`);
      await Deno.writeTextFile(`${folder}/inner/a`, "");
      await Deno.utime(`${folder}/inner/a`, 1_000, 1_000);
      await Deno.utime(`${folder}/inner`, 2_000, 2_000);
      await Deno.utime(folder, 1_000, 1_000);
      assertEquals(await newestMs([folder]), 2_000_000);
      assertEquals(await newestMs([`${folder}/none`]), 0);
      await Deno.remove(`${folder}/inner/a`);
      assert(await newestMs([folder]) > 2_000_000);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
