import { assertEquals } from "@std/assert";
import { ArtifactPath, PATH_PARTS_MAX } from "../../lib/wire/artifact_path.ts";

const takes = (path: string) => ArtifactPath.safeParse(path).success;

Deno.test("ArtifactPath takes what every system takes", () => {
  const paths = ["main.ts", "bin/start.sh", ".env", "a b/c", "ü/日本", "console.log", "com10", "COM", "nulls/x", "lpt"];
  assertEquals(paths.filter((path) => !takes(path)), []);
});

Deno.test("ArtifactPath refuses what leads elsewhere, and characters that some system doesn't take", () => {
  const paths = ["", "/", "/etc", "a//b", "a/", "./a", "../a", "a/..", "a\\b", "a:b", "a\0", "a\n", "a?", "a.", "a "];
  assertEquals(paths.filter(takes), []);
});

Deno.test("ArtifactPath refuses a name of more than 255 bytes in UTF-8, wherever it stands", () => {
  assertEquals([takes("a".repeat(255)), takes(`x/${"a".repeat(256)}/y`)], [true, false]);
  assertEquals([takes("é".repeat(127)), takes("é".repeat(128))], [true, false]);
});

Deno.test("ArtifactPath refuses half a surrogate pair, which no file can be called", () => {
  assertEquals([takes("\u{1f600}"), takes("\ud800x"), takes("x\udc00")], [true, false, false]);
});

Deno.test("ArtifactPath refuses the names of Windows' devices, with any ending and in any case", () => {
  const names = ["CON", "nul", "aux.txt", "COM1.log", "bin/PRN", "com0", "Lpt9.tar.gz", "COM²", "lpt¹.x", "con .txt"];
  assertEquals([...names, "CONIN$", "conout$", "nul/x"].filter(takes), []);
});

Deno.test("ArtifactPath bounds how deep a file lies", () => {
  const deep = (parts: number) => Array.from({ length: parts }, () => "a").join("/");
  assertEquals([takes(deep(PATH_PARTS_MAX)), takes(deep(PATH_PARTS_MAX + 1)), takes(deep(512))], [true, false, false]);
});
