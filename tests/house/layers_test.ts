/**
 * The house plan's arrows: which room may import which. One table says it; beside it no import may lead in a circle.
 * Types may, as an interface and what implements it refer to each other, and so may what is only loaded later.
 * @module
 */
import { assertEquals } from "@std/assert";
import { granted } from "../support/granted.ts";
import { ENTRIES, parse, type SourceFile, sources } from "./source.ts";

/** What files may import beside their own kind. `packages` stands for every package and what Deno brings along. */
interface Room {
  /** The beginnings of its files' paths. */
  files: readonly string[];
  imports: readonly string[];
}

const DURATION = "lib/runtime/duration.ts";
const COMMON = ["packages", "lib/cluster/", "lib/wire/", "lib/runtime/"];

/** The first room that a file is in counts. */
const ROOMS: readonly Room[] = [
  { files: ["lib/cluster/"], imports: ["zod", DURATION] },
  { files: ["lib/plan/"], imports: ["croner", "lib/cluster/", DURATION] },
  { files: ["lib/wire/http1/"], imports: [] },
  { files: ["lib/wire/http2/"], imports: ["lib/wire/http1/"] },
  {
    files: ["lib/ingress/table.ts", "lib/ingress/pick.ts", "lib/ingress/attendance.ts"],
    imports: ["lib/cluster/"],
  },
  { files: ["lib/ingress/routing/"], imports: ["lib/cluster/", "lib/wire/http1/", DURATION] },
  { files: ["lib/ingress/balance/"], imports: ["lib/cluster/", "lib/wire/http1/", DURATION] },
  ...["lib/std/assert/", "lib/std/async/", "lib/std/cli/", "lib/std/log/", "lib/runtime/"].map((room) => ({
    files: [room],
    imports: ["packages"],
  })),
  { files: ["lib/wire/"], imports: ["packages", "lib/cluster/", "lib/runtime/"] },
  { files: ["lib/ingress/"], imports: COMMON },
  { files: ["lib/controller/"], imports: [...COMMON, "lib/plan/"] },
  { files: ["lib/agent/"], imports: COMMON },
  { files: ["lib/payload/"], imports: ["packages", "lib/runtime/"] },
  { files: ["lib/console/"], imports: COMMON },
  { files: ["controller.ts"], imports: [...COMMON, "lib/plan/", "lib/controller/", "lib/ingress/", "lib/console/"] },
  { files: ["agent.ts"], imports: [...COMMON, "lib/agent/"] },
  { files: ["payload.ts"], imports: ["packages", "lib/runtime/", "lib/payload/"] },
];

function wrongArrows({ path, imports }: SourceFile): string[] {
  const room = ROOMS.find(({ files }) => files.some((beginning) => path.startsWith(beginning)));
  if (room === undefined) return [`${path} is in no room of the house plan`];
  const allowed = [...room.files, ...room.imports];
  return imports.filter(({ target }) => {
    const isPackage = !/\.tsx?$/.test(target);
    return !allowed.some((may) => (isPackage ? may === "packages" || may === target : target.startsWith(may)));
  }).map(({ target }) => `${path} imports ${target}`);
}

const program = sources.filter(({ path }) => path.startsWith("lib/") || ENTRIES.includes(path));

Deno.test({
  name: "every import in lib/ and the entries follows the house plan",
  ignore: !granted,
  fn: () => assertEquals(program.flatMap(wrongArrows), []),
});

Deno.test("a wrong arrow is found, whether it is a type, dynamic or a package", () => {
  const wrong =
    'import type { A } from "../controller/loop.ts"; import "zod"; const b = await import("../plan/plan.ts");';
  assertEquals(wrongArrows(parse("lib/cluster/x.ts", wrong)).length, 2);
  assertEquals(wrongArrows(parse("lib/agent/x.ts", 'export { a } from "../../payload.ts";')).length, 1);
});

Deno.test({
  name: "no imports lead in a circle, but for types and what is loaded later",
  ignore: !granted,
  fn: () => assertEquals(circles(program), []),
});

Deno.test("a circle of imports is found and named", () => {
  const files = [parse("lib/a.ts", 'import "./b.ts"'), parse("lib/b.ts", 'export { a } from "./a.ts"')];
  assertEquals(circles(files), ["lib/a.ts → lib/b.ts → lib/a.ts"]);
});

/** Walks down from each file; meeting one that is still being walked closes a circle. */
function circles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(" → "));
    if (start >= 0 || done.has(path)) return;
    for (const { target, kind } of byPath.get(path)?.imports ?? []) {
      if (kind === "value") walk(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of files) walk(path, []);
  return found;
}
