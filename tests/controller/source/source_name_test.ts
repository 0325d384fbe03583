import { assertEquals, assertStringIncludes } from "@std/assert";
import { readSourceName, sourceText } from "../../../lib/controller/source/source_name.ts";

Deno.test("readSourceName() takes paths and objects as they are", () => {
  for (const path of ["spec.yaml", "/etc/muster/specs", "./s3:/x", "C:\\specs\\web.yaml", "s3/bucket/key"]) {
    assertEquals(readSourceName(path), { kind: "file", path });
  }
  const name = readSourceName("s3://launch/specs/web + api.yaml");
  assertEquals(name, { kind: "s3", bucket: "launch", key: "specs/web + api.yaml" });
  assertEquals(name.kind !== "refused" && sourceText(name), "s3://launch/specs/web + api.yaml");
});

Deno.test("readSourceName() refuses what is neither, and says what is possible", () => {
  const refusals: [string, string][] = [
    ["http://example.com/spec.yaml", "expected a file, a folder, or s3://bucket/key"],
    ["file:///etc/spec.yaml", "expected a file, a folder"],
    [" ", "no path"],
    ["a\0b", "no path"],
    ["s3://", "no name of a bucket"],
    ["s3://a/key", "no name of a bucket"],
    ["s3://user:secret@bucket/key", "no name of a bucket"],
    ["s3://launch", "names no object"],
    ["s3://launch/", "names no object"],
    ["s3://launch/folder/", "names no object"],
    ["s3://launch/../other/key", "can't be asked for"],
    ["s3://launch//key", "can't be asked for"],
    [`s3://launch/${"ü".repeat(513)}`, "1024 bytes"],
  ];
  for (const [text, detail] of refusals) {
    const read = readSourceName(text);
    assertStringIncludes(read.kind === "refused" ? read.detail : `taken: ${text}`, detail);
  }
});
