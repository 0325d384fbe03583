/**
 * `deno task picture`: plays the demo and turns what it shows, colours included, into docs/demo.svg: a terminal whose
 * text is text, in the reader's own fixed-width font and in light or dark, as the reader's system is.
 * @module
 */
import { fileURLToPath } from "node:url";
import { svgOf } from "./picture/svg.ts";

const DEMO = fileURLToPath(new URL("demo.ts", import.meta.url));
const PICTURE = fileURLToPath(new URL("../docs/demo.svg", import.meta.url));
const COMMAND = "deno task run-demo";

if (import.meta.main) {
  const demo = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", DEMO],
    env: { FORCE_COLOR: "1" },
    stderr: "inherit",
  });
  const { code, stdout } = await demo.output();
  if (code !== 0) {
    Deno.stdout.writeSync(stdout);
    throw new Error(`Cannot make the picture: the demo ended with ${code}; it shows why above`);
  }
  await Deno.writeTextFile(PICTURE, svgOf(`$ ${COMMAND}\n${new TextDecoder().decode(stdout)}`, { title: COMMAND }));
}
