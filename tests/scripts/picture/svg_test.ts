import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { motionOf } from "../../../scripts/picture/motion.ts";
import { svgOf } from "../../../scripts/picture/svg.ts";

const FRAMES = [{ atMs: 0, lines: 1 }, { atMs: 500, lines: 2 }, { atMs: 2_000, lines: 5 }];

Deno.test("motionOf() moves the curtain down until the window is full, then the text up, and holds the end", () => {
  const css = motionOf(FRAMES, { rows: 3, lineHeight: 10 });
  const steps = (name: string) =>
    [...(css.split(`@keyframes ${name}`)[1]?.split("\n")[0] ?? "").matchAll(/([\d.]+)%\{[^(]*\((-?\d+)px/g)]
      .map(([, percent, y]) => [Number(percent), Number(y)]);
  assertEquals(steps("curtain"), [[0, 10], [5, 20], [20, 30]]);
  assertEquals(steps("scroll"), [[0, 0], [20, -20]]);
  assertMatch(css, /\.scroll\{transform:translateY\(-20px\);animation:scroll 10000ms step-end infinite\}/);
});

Deno.test("motionOf() shows the end to those who want no motion", () => {
  const css = motionOf(FRAMES, { rows: 3, lineHeight: 10 });
  assertStringIncludes(css, "@media(prefers-reduced-motion:reduce){.scroll,.curtain{animation:none}}");
  assertStringIncludes(css, "#end:target :is(.scroll,.curtain){animation:none}");
});

Deno.test("svgOf() has text as text with its styles, and nothing that runs or comes from elsewhere", () => {
  const svg = svgOf({ lines: ["$ a", "\x1b[1mbold\x1b[22m  <b> & \x1b[32mgreen\x1b[39m"], frames: FRAMES }, {
    title: "<t>",
  });
  assertStringIncludes(svg, ">bold</text>");
  assertMatch(svg, /class="bold text"[^>]*>bold</);
  assertMatch(svg, /class="green"[^>]*>green</);
  assertStringIncludes(svg, "&lt;b&gt; &amp;");
  assertStringIncludes(svg, "<title>&lt;t&gt;</title>");
  assertStringIncludes(svg, "prefers-color-scheme:dark");
  assert(!/<script|href|\son\w+=|url\((?!#)/.test(svg));
});
