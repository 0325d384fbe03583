/**
 * `deno task picture`: plays the demo and turns what it shows, when it shows it and in which colours into docs/demo.svg: a
 * recording of a terminal whose text is text, in the reader's own fixed-width font and in light or dark, as the reader's
 * system is.
 * @module
 */
import { fileURLToPath } from "node:url";
import { record } from "./picture/recording.ts";
import { svgOf } from "./picture/svg.ts";

const DEMO = fileURLToPath(new URL("demo.ts", import.meta.url));
const PICTURE = fileURLToPath(new URL("../docs/demo.svg", import.meta.url));
const COMMAND = "deno task run-demo";

if (import.meta.main) {
  await using demo = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", DEMO, "--slowly"],
    env: { FORCE_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = demo.stdout.pipeThrough(new TextDecoderStream());
  const recording = await record(output, { before: [`$ ${COMMAND}`], nowMs: () => performance.now() });
  const { code } = await demo.status;
  if (code !== 0) {
    console.log(recording.lines.join("\n"));
    throw new Error(`Cannot make the picture: the demo ended with ${code}; it shows why above`);
  }
  await Deno.writeTextFile(PICTURE, svgOf(recording, { title: COMMAND }));
}
