import { unicodeWidth } from "@std/cli";
import { assert, assertEquals } from "@std/assert";
import { plain, table } from "../../../lib/console/render/table.ts";

const COLUMNS = [{ title: "NAME" }, { title: "COUNT", align: "right" }, { title: "WHY" }] as const;
const pipe = { width: undefined, colours: false };

Deno.test("table() aligns columns, numbers at the right, and leaves nothing at the ends of lines", () => {
  const out = table(COLUMNS, [[plain("web"), plain(7), plain("ok")], [plain("database"), plain(12), plain("")]], pipe);
  assertEquals(out, "NAME      COUNT  WHY\nweb           7  ok\ndatabase     12\n");
});

Deno.test("table() keeps to the terminal's width, the widest column first, and cuts nothing in a pipe", () => {
  const rows = [[plain("web"), plain(7), plain("long ".repeat(40))]];
  const fitted = table(COLUMNS, rows, { width: 40, colours: false });
  for (const line of fitted.trimEnd().split("\n")) assert(line.length <= 40, line);
  assert(fitted.includes("web ") && fitted.includes("…"));
  assert(table(COLUMNS, rows, pipe).includes("long ".repeat(40).trimEnd()));
});

Deno.test("table() measures what is seen: wide characters count twice, colours not at all", () => {
  const rows = [[plain("漢字"), plain(1), plain("x")], [{ text: "abcd", tone: "bad" as const }, plain(1), plain("x")]];
  const [, wide = "", narrow = ""] = table(COLUMNS, rows, pipe).split("\n");
  assertEquals(unicodeWidth(wide), unicodeWidth(narrow));
  const [, , coloured = ""] = table(COLUMNS, rows, { ...pipe, colours: true }).split("\n");
  assertEquals(coloured, narrow.replace("abcd", "\x1b[31mabcd\x1b[39m"));
});

Deno.test("table() lets no control character through", () => {
  const out = table([{ title: "NAME" }], [[plain("a\x1b[2Jb\nc\u202e")]], pipe);
  assertEquals(out, "NAME\nab\\nc\n");
});
