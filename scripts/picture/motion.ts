/**
 * The motion of a recording as CSS: the text moves up as a terminal scrolls, and a curtain over what was not printed yet
 * moves down. Without motion, as a reader's system may ask for, the end is shown; a page that embeds the picture asks for
 * that by `#end`, as browsers don't tell a picture what its reader wants.
 * @module
 */
import type { Frame } from "./recording.ts";

/** What the picture's root is called. */
export const END = "end";
/** The end stays for so long before it all begins anew. */
const HOLD_MS = 8_000;

export interface Window {
  /** Lines that it shows at once. */
  rows: number;
  lineHeight: number;
}

/** Rules for the classes `scroll` and `curtain`. */
export function motionOf(frames: readonly Frame[], { rows, lineHeight }: Window): string {
  const end = frames.at(-1)!;
  const lengthMs = end.atMs + HOLD_MS;
  const scroll = (lines: number) => -Math.max(0, lines - rows) * lineHeight;
  const curtain = (lines: number) => Math.min(lines, rows) * lineHeight;
  const rules = Object.entries({ scroll, curtain }).map(([name, place]) => {
    const steps = stepsOf(frames, { place, lengthMs });
    return `.${name}{transform:${moved(place(end.lines))};animation:${name} ${lengthMs}ms step-end infinite}
@keyframes ${name}{${steps.join("")}}`;
  });
  return `${rules.join("\n")}
#${END}:target :is(.scroll,.curtain){animation:none}
@media(prefers-reduced-motion:reduce){.scroll,.curtain{animation:none}}`;
}

/** A step for each frame that moves something. */
function stepsOf(
  frames: readonly Frame[],
  { place, lengthMs }: { place: (lines: number) => number; lengthMs: number },
): string[] {
  let before: number | undefined;
  return frames.flatMap(({ atMs, lines }) => {
    const now = place(lines);
    if (now === before) return [];
    before = now;
    return [`${(atMs / lengthMs * 100).toFixed(2)}%{transform:${moved(now)}}`];
  });
}

function moved(y: number): string {
  return `translateY(${y}px)`;
}
