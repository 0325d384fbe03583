/**
 * What a program prints, and when: each piece of its output becomes a frame of the picture.
 * @module
 */

/** From then on, so many lines are there. */
export interface Frame {
  atMs: number;
  lines: number;
}

export interface Recording {
  lines: string[];
  /** By their times. The first one is at 0. */
  frames: Frame[];
}

/** What comes together is shown together: no eye tells these apart. */
const TOGETHER_MS = 40;

/** Records text until it ends. The lines of `before` are there from the beginning. */
export async function record(
  output: AsyncIterable<string>,
  { before, nowMs }: { before: readonly string[]; nowMs: () => number },
): Promise<Recording> {
  const startedMs = nowMs();
  const lines = [...before];
  const frames: Frame[] = [{ atMs: 0, lines: lines.length }];
  let open = "";
  for await (const piece of output) {
    const [first = "", ...rest] = piece.split("\n");
    const complete = rest.length === 0 ? [] : [open + first, ...rest.slice(0, -1)];
    open = rest.at(-1) ?? open + first;
    lines.push(...complete);
    const atMs = Math.round(nowMs() - startedMs);
    const last = frames.at(-1)!;
    if (lines.length === last.lines) continue;
    if (atMs - last.atMs < TOGETHER_MS) last.lines = lines.length;
    else frames.push({ atMs, lines: lines.length });
  }
  return { lines, frames };
}
