/**
 * A file per idea: none too long, none named after a drawer, none dead, each with a header that places it, and each test
 * where its file is. What concerns single lines of code is in `lint_plugin.ts`.
 * @module
 */
import { assertEquals } from "@std/assert";
import { granted } from "../support/granted.ts";
import { PAGES, parse, type SourceFile, sources } from "./source.ts";

const LINES_MAX = 300;
const DRAWERS = /(^|[/_])(index|utils?|types|helpers?|managers?|misc|common)(_test)?\.tsx?$/;
const HEADER = /^(#!.*\n)?\/\*\*\n(.*\n)+? \* @module\b/;
const LEFTOVERS = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck)|deno-lint-ignore.* no-explicit-any/;

/** Tests that are about more than one file lie in folders of their own. */
const UNMIRRORED = /^tests\/(house|support|simulation|scenario|conformance|chaos|browser|scripts|std)\/|^tests\/[^/]+$/;

const lib = sources.filter(({ path }) => path.startsWith("lib/"));

function check(name: string, find: () => string[]): void {
  Deno.test({ name, ignore: !granted, fn: () => assertEquals(find(), []) });
}

check(
  `no file has more than ${LINES_MAX} lines`,
  () => sources.filter(({ text }) => linesOf(text) > LINES_MAX).map(({ path, text }) => `${path} has ${linesOf(text)}`),
);

check("no file is named after a drawer", () => pathsOf(sources).filter((path) => DRAWERS.test(path)));

check("each file of lib/ and each entry begins with a @module header", () => {
  const ours = sources.filter(({ path }) => path.startsWith("lib/") || !path.includes("/"));
  return pathsOf(ours.filter(({ text }) => !HEADER.test(text)));
});

check(
  "each test mirrors a file of lib/, or an entry",
  () => pathsOf(sources).filter((path) => path.endsWith("_test.ts") && !UNMIRRORED.test(path) && !mirrored(path)),
);

check("each file of lib/ is reached from an entry or a test", () => unreached(sources));

check(
  "nothing is left for later",
  () =>
    sources.filter(({ path }) => !path.startsWith("tests/house/")).flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, index) => LEFTOVERS.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])
    ),
);

Deno.test("a dead file is found, and one that only a Worker names is not", () => {
  const files = [
    parse("agent.ts", 'import "./lib/a.ts";'),
    parse("lib/a.ts", 'new Worker(new URL("./b.ts", import.meta.url));'),
    parse("lib/b.ts", ""),
    parse("lib/dead.ts", 'import "./a.ts";'),
  ];
  assertEquals(unreached(files), ["lib/dead.ts"]);
});

function pathsOf(files: readonly SourceFile[]): string[] {
  return files.map(({ path }) => path);
}

function linesOf(text: string): number {
  return text.trimEnd().split("\n").length;
}

/** `tests/plan/place_test.ts` is about `lib/plan/place.ts`, and a folder's test about all that is in it. */
function mirrored(path: string): boolean {
  const subject = path.replace(/^tests\//, "lib/").replace(/_test\.ts$/, "");
  return lib.some((file) =>
    file.path === `${subject}.ts` || file.path === `${subject}.tsx` || file.path.startsWith(`${subject}/`)
  );
}

/** Files of lib/ that nothing outside of it leads to. The packages of lib/std are reached by their names. */
function unreached(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const isPackage = (path: string) => path.startsWith("lib/std/");
  const waiting = pathsOf(files).filter((path) => !path.startsWith("lib/") || isPackage(path) || PAGES.includes(path));
  const reached = new Set(waiting);
  for (const path of waiting) {
    for (const { target } of byPath.get(path)?.imports ?? []) {
      if (reached.has(target)) continue;
      reached.add(target);
      waiting.push(target);
    }
  }
  return pathsOf(files).filter((path) => !reached.has(path));
}
