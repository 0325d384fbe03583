import { assertEquals, assertStringIncludes } from "@std/assert";
import { ArtifactManifest, faultOfManifest, FILES_MAX, patienceMs } from "../../lib/wire/artifact.ts";

const EMPTY = { size: 0, executable: false, chunks: [] };

function faultOf(...paths: string[]): string | undefined {
  return faultOfManifest({ files: paths.map((path) => ({ ...EMPTY, path })) });
}

Deno.test("faultOfManifest() finds nothing wrong with folders that come, go and have like names in others", () => {
  assertEquals(faultOf("a", "b/a", "b/c/a", "b/c/b/a", "b/d/a", "b0", "c/b/c/a"), undefined);
  assertEquals(faultOf("a-b/x", "a.b", "a/x", "a0"), undefined, "what sorts between a folder's name and its files");
});

Deno.test("faultOfManifest() finds what is the same on systems that don't mind cases, with its whole path", () => {
  assertEquals(faultOf("b/A", "b/a"), '"b/A" and "b/a" are the same on some systems: rename one of them');
  assertStringIncludes(faultOf("A/x", "a")!, '"A/" and "a" are the same');
  assertStringIncludes(faultOf("a", "a/x")!, '"a" and "a/" are the same');
  assertStringIncludes(faultOf("x/A/b", "x/M", "x/a/c")!, '"x/A/" and "x/a/" are the same');
  assertStringIncludes(faultOf("e\u0301", "\u00e9")!, "are the same");
});

Deno.test("faultOfManifest() finds what is not sorted, or there twice", () => {
  assertStringIncludes(faultOf("b", "a")!, "to be sorted by path");
  assertStringIncludes(faultOf("a/b", "a/b")!, "each once");
});

Deno.test("faultOfManifest() bounds the folders", () => {
  // Each file in a folder of its own, below another of its own.
  const files = Array.from({ length: FILES_MAX / 2 + 1 }, (_, at) => `${String(at).padStart(5, "0")}/b/c`);
  assertEquals(faultOf(...files.slice(1)), undefined);
  assertStringIncludes(faultOf(...files)!, "in at most 50000 folders");
});

Deno.test("faultOfManifest() looks at each part of a path once: the longest list of the deepest files is no burden", () => {
  const within = "/a".repeat(62);
  const files = Array.from({ length: FILES_MAX }, (_, at) => ({ ...EMPTY, path: `0${within}/${10_000_000 + at}` }));
  const folded = countOf("normalize", () => assertEquals(faultOfManifest({ files }), undefined));
  assertEquals(folded, FILES_MAX + 63);
});

Deno.test("ArtifactManifest refuses files that lie deeper than any folder that can be packed", () => {
  const files = [{ ...EMPTY, path: `0${"/a".repeat(509)}` }];
  assertEquals(ArtifactManifest.safeParse({ files }).success, false);
});

Deno.test("patienceMs() gives time by what is sent", () => {
  assertEquals([patienceMs(0), patienceMs(1_048_576)], [60_000, 188_000]);
});

/** How often strings are folded meanwhile. */
function countOf(method: "normalize", act: () => void): number {
  const own = String.prototype[method];
  let count = 0;
  String.prototype[method] = function (this: string, ...given: []) {
    count += 1;
    return own.apply(this, given);
  };
  try {
    act();
  } finally {
    String.prototype[method] = own;
  }
  return count;
}
