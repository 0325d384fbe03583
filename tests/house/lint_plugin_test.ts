import { assertEquals } from "@std/assert";
import plugin from "./lint_plugin.ts";

function found(source: string, path = "lib/plan/x.ts"): string[] {
  return Deno.lint.runPlugin(plugin, path, source).map(({ id }) => id.replace("house/", ""));
}

Deno.test("function-length counts the lines of any function, and 60 are allowed", () => {
  const body = (lines: number) => `{\n${"a();\n".repeat(lines - 2)}}`;
  assertEquals(found(`function f() ${body(60)}`), []);
  assertEquals(found(`function f() ${body(61)}`), ["function-length"]);
  assertEquals(found(`const f = () => ${body(61)};`), ["function-length"]);
  assertEquals(found(`class A { m() ${body(61)} }`), ["function-length"]);
});

Deno.test("few-parameters allows two and options", () => {
  assertEquals(found("function f(a, b, { c }) {}"), []);
  assertEquals(found("const f = (a, b, c, d) => a;"), ["few-parameters"]);
});

Deno.test("no-bare-boolean leaves lone values, byte orders and tests alone", () => {
  assertEquals(found("deploy(name, true)"), ["no-bare-boolean"]);
  assertEquals(found("resolve(true); view.setUint16(0, 1, true); deploy(name, { wait: true })"), []);
  assertEquals(found("deploy(name, true)", "tests/plan/x_test.ts"), []);
});

Deno.test("no-silent-catch finds a catch without a statement, commented or not", () => {
  assertEquals(found("try { a(); } catch { /* fine */ }"), ["no-silent-catch"]);
  assertEquals(found("try { a(); } catch (error) { if (!(error instanceof X)) throw error; }"), []);
});

Deno.test("no-console is for the programs; scripts, tests and measurements may print", () => {
  assertEquals(found("console.log(1)"), ["no-console"]);
  assertEquals(found("console.log(1)", "/x/scripts/demo.ts"), []);
});

Deno.test("no-default-export and no-barrel want names; the stand-ins for packages may be barrels", () => {
  assertEquals(found("export default 1;"), ["no-default-export"]);
  assertEquals(found('export * from "./a.ts";'), ["no-barrel"]);
  assertEquals(found('export * from "./a.ts";', "/x/lib/std/cli/mod.ts"), []);
});
