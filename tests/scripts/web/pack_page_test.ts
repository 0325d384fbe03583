import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { PageFiles } from "../../../lib/controller/pages/page_files.ts";
import { BuildError } from "../../../scripts/build/run_deno.ts";
import { packPage } from "../../../scripts/web/pack_page.ts";

const parts = {
  html: '<link href="favicon.svg"><link href="page.css"><script src="main.js"></script>',
  script: 'import("./plot.js")',
  later: { "plot.js": "let a = 1;" },
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
  assertEquals(named.toSorted(), Object.keys(files).filter((path) => !/index|plot/.test(path)).toSorted());
  assertMatch(page, /"\/ui\/assets\/main-[0-9a-f]{12}\.js"/);
  const other = PageFiles.parse(JSON.parse(packPage({ ...parts, style: "b{}" }).text)).files;
  const changed = Object.keys(other).filter((path) => files[path] === undefined);
  assertEquals(changed.map((path) => path.replace(/-.*\./, ".")), ["assets/page.css"]);
});

Deno.test("packPage() names what is loaded later by its content as well, in the script too, and counts it", () => {
  const { text, pageBytes, laterBytes } = packPage(parts);
  const { files } = PageFiles.parse(JSON.parse(text));
  const [later, script] = ["plot", "main"].map((name) =>
    Object.keys(files).find((path) => path.includes(`/${name}-`))!
  );
  const unpacked = (path: string) => gunzipSync(Uint8Array.fromBase64(files[path]!.gzip)).toString();
  assertEquals(unpacked(script!), `import("./${later!.replace("assets/", "")}")`);
  assertEquals(unpacked(later!), "let a = 1;");
  assertEquals(Uint8Array.fromBase64(files[later!]!.gzip).length, laterBytes);
  const packed = Object.values(files).map((file) => Uint8Array.fromBase64(file.gzip).length);
  assertEquals(packed.reduce((sum, length) => sum + length), pageBytes);
});

Deno.test("packPage() packs the same parts to the same text", () => {
  assertEquals(packPage(parts).text, packPage(parts).text);
});

Deno.test("packPage() refuses a page that is too large as a whole, and says by how much", () => {
  const { pageBytes } = packPage(parts);
  assertEquals(packPage(parts, { pageBytesMax: pageBytes }).pageBytes, pageBytes);
  const error = assertThrows(() => packPage(parts, { pageBytesMax: pageBytes - 1 }), BuildError);
  assertMatch(error.message, new RegExp(`${pageBytes} bytes when compressed, and ${pageBytes - 1} are allowed`));
});

Deno.test("packPage() refuses a page that doesn't load what was made for it", () => {
  assertThrows(() => packPage({ ...parts, html: '<script src="main.js">' }), BuildError, "page.css");
  assertThrows(() => packPage({ ...parts, script: "" }), BuildError, "plot.js");
});
