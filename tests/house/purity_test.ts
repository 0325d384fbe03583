/**
 * The core decides and touches nothing: no clock, chance, timer, console or operating system in the files that the
 * simulator runs as they are. And agents start processes with `Deno.Command` alone, which the platform files rely on.
 * @module
 */
import { assertEquals } from "@std/assert";
import { granted } from "../support/granted.ts";
import { parse, type SourceFile, sources } from "./source.ts";

const PURE_FOLDERS = [
  "lib/cluster/",
  "lib/plan/",
  "lib/wire/http1/",
  "lib/wire/http2/",
  "lib/controller/loop/",
  "lib/agent/session/",
  "lib/ingress/routing/",
  "lib/ingress/balance/",
];

/** Files that are pure in rooms that aren't. */
const PURE_FILES = new Map([
  ["lib/ingress/", ["table", "pick", "attendance", "ip_address"]],
  ["lib/controller/change/", ["release", "declaration", "port_claim", "preview"]],
  ["lib/ingress/tcp/", ["proxy_protocol", "idle_watch"]],
  ["lib/ingress/tls/", ["client_hello", "certificates"]],
]);

const IMPURE = [
  /^(console|Deno|performance)\./,
  /^Date\.now$|^new Date\(\)$|^Date\(\)$/,
  /^Math\.random$/,
  /^crypto\./,
  /^(setTimeout|setInterval|setImmediate|queueMicrotask|fetch)\(\)$/,
  /^globalThis\./,
];

function isPure({ path }: SourceFile): boolean {
  if (PURE_FOLDERS.some((folder) => path.startsWith(folder))) return true;
  return [...PURE_FILES].some(([folder, names]) => names.some((name) => path === `${folder}${name}.ts`));
}

function impurities({ path, reaches }: SourceFile): string[] {
  return reaches.filter(({ text }) => IMPURE.some((pattern) => pattern.test(text)))
    .map(({ text, line }) => `${path}:${line} uses ${text}`);
}

Deno.test({
  name: "the pure files touch no clock, chance, timer, console or operating system",
  ignore: !granted,
  fn: () => assertEquals(sources.filter(isPure).flatMap(impurities), []),
});

Deno.test("an impurity is found in code, not in comments and strings", () => {
  const file = parse("lib/plan/x.ts", 'const a = Date.now(); // Math.random()\nconst b = [new Date(), "Deno.env"];');
  assertEquals(impurities(file), ["lib/plan/x.ts:1 uses Date.now", "lib/plan/x.ts:2 uses new Date()"]);
  assertEquals(impurities(parse("lib/plan/x.ts", "const c = new Date(0); const d = Math.max(1);")), []);
});

Deno.test({
  name: "the agent starts no process through node:child_process, but on Windows",
  ignore: !granted,
  fn: () => {
    const importers = sources.filter(({ path, imports }) =>
      path.startsWith("lib/agent/") && imports.some(({ target }) => target === "node:child_process")
    );
    // There, Deno's own way can give a program a pipe to the agent, but no file to write to.
    assertEquals(importers.map(({ path }) => path), ["lib/agent/process/child.ts"]);
  },
});
