import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { PageFiles } from "../../../lib/controller/pages/page_files.ts";
import { BuildError } from "../../../scripts/build/run_deno.ts";
import { packPage } from "../../../scripts/web/pack_page.ts";

const parts = {
  html: '<link href="favicon.svg"><link href="page.css"><script src="main.js"></script>',
  script: 'import("./chart-ABC.js")',
  later: { "chart-ABC.js": "let a = 1;" },
  style: "a{}",
  icon: "<svg/>",
};

Deno.test("packPage() names every part by its content, and the page refers to them by those names", () => {
  const { files } = PageFiles.parse(JSON.parse(packPage(parts).text));
  const unpacked = Object.entries(files).map(([path, { gzip }]) => {
    return [path, gunzipSync(Uint8Array.fromBase64(gzip)).toString()] as const;
  });
  const page = new Map(unpacked).get("index.html")!;
  const named = [...page.matchAll(/"\/ui\/([^"]+)"/g)].map(([, path]) => path!);
  assertEquals(named.toSorted(), Object.keys(files).filter((path) => !/index|chart/.test(path)).toSorted());
  assertMatch(page, /"\/ui\/assets\/main-[0-9a-f]{12}\.js"/);
  const other = PageFiles.parse(JSON.parse(packPage({ ...parts, style: "b{}" }).text)).files;
  const changed = Object.keys(other).filter((path) => files[path] === undefined);
  assertEquals(changed.map((path) => path.replace(/-.*\./, ".")), ["assets/page.css"]);
});

Deno.test("packPage() keeps what is loaded later under the name that the script calls it by, and counts it apart", () => {
  const { text, loadedBytes, laterBytes } = packPage(parts);
  const { files } = PageFiles.parse(JSON.parse(text));
  const { gzip } = files["assets/chart-ABC.js"]!;
  assertEquals(gunzipSync(Uint8Array.fromBase64(gzip)).toString(), "let a = 1;");
  assertEquals(Uint8Array.fromBase64(gzip).length, laterBytes);
  assertEquals(packPage({ ...parts, later: {} }).loadedBytes, loadedBytes);
});

Deno.test("packPage() packs the same parts to the same text", () => {
  assertEquals(packPage(parts).text, packPage(parts).text);
});

Deno.test("packPage() refuses script and style that are too large together, and says by how much", () => {
  const { loadedBytes } = packPage(parts);
  assertEquals(packPage(parts, { loadedBytesMax: loadedBytes }).loadedBytes, loadedBytes);
  const error = assertThrows(() => packPage(parts, { loadedBytesMax: loadedBytes - 1 }), BuildError);
  assertMatch(error.message, new RegExp(`${loadedBytes} bytes when compressed, and ${loadedBytes - 1} are allowed`));
});

Deno.test("packPage() refuses a page that doesn't load what was made for it", () => {
  assertThrows(() => packPage({ ...parts, html: '<script src="main.js">' }), BuildError, "page.css");
});
