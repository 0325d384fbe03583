import { assert, assertEquals, assertRejects } from "@std/assert";
import { minifyScript } from "../../../scripts/web/minify_script.ts";

Deno.test("minifyScript() keeps what a module exports, imports and calls by name, and is shorter", async () => {
  const source = `import { seen } from "./plot.js";
const unused = 1;
const twice = (value) => { const doubled = value * 2; return doubled; };
export const answer = { held_up: twice(21), seen };
`;
  const code = await minifyScript(source);
  assert(code.length < source.length, code);
  const alone = code.replace(/import\{seen as (\w+)\}from"\.\/plot\.js";/, 'const $1="yes";');
  const { answer, ...others } = await import(`data:text/javascript,${encodeURIComponent(alone)}`);
  assertEquals([answer, others], [{ held_up: 42, seen: "yes" }, {}]);
  assertEquals(await minifyScript(source), code);
});

Deno.test("minifyScript() gives nothing of what isn't a script", async () => {
  await assertRejects(() => minifyScript("const a ="), Error, "Unexpected token");
});
