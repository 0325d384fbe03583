import { assertEquals } from "@std/assert";
import { parseIgnore } from "../../../lib/console/deploy/ignore.ts";

/** Which of the paths are left out; one that ends with a slash is a folder. */
function leftOut(text: string, paths: readonly string[]): string[] {
  const ignores = parseIgnore(text);
  return paths.filter((path) => ignores(path.replace(/\/$/, ""), path.endsWith("/") ? "folder" : "file"));
}

const CASES: readonly { pattern: string; out: string[]; kept: string[] }[] = [
  { pattern: "*.log", out: ["a.log", "logs/b.log"], kept: ["a.log.txt", "log"] },
  { pattern: "/*.log", out: ["a.log"], kept: ["logs/b.log"] },
  { pattern: "node_modules/", out: ["node_modules/", "web/node_modules/"], kept: ["node_modules"] },
  { pattern: "src/test", out: ["src/test", "src/test/"], kept: ["web/src/test", "test"] },
  { pattern: "**/cache", out: ["cache", "a/b/cache"], kept: ["cached"] },
  { pattern: "a/**/z", out: ["a/z", "a/b/z", "a/b/c/z"], kept: ["b/z", "az"] },
  { pattern: "docs/**", out: ["docs/a", "docs/b/c"], kept: ["docs/"] },
  { pattern: "file?.txt", out: ["file1.txt"], kept: ["file.txt", "file10.txt", "file/.txt"] },
  { pattern: "a+b(c)", out: ["a+b(c)"], kept: ["aab(c)"] },
  { pattern: "# a remark\n\n", out: [], kept: ["# a remark"] },
  { pattern: "\\#note", out: ["#note"], kept: [] },
  { pattern: "*.env\n!public.env", out: [".env", "a/secret.env"], kept: ["public.env"] },
  { pattern: "", out: [".git/", "sub/.git/", ".git"], kept: [".gitignore", "a.git"] },
  { pattern: "!.git", out: [".git/"], kept: [] },
];

for (const { pattern, out, kept } of CASES) {
  Deno.test(`parseIgnore() by ${JSON.stringify(pattern)} leaves out ${JSON.stringify(out)} and nothing else`, () => {
    assertEquals(leftOut(pattern, [...out, ...kept]), out);
  });
}
