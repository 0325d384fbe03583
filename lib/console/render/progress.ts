/**
 * What goes on, told as it goes: on a terminal one line that is written over, elsewhere a line for each change. Lines
 * that are to stay are written above it.
 * @module
 */
import { unicodeWidth } from "@std/cli";
import { printableLine } from "../../runtime/sanitize.ts";
import type { Screen } from "../cli/screen.ts";

const LINE_START = "\r\x1b[K";

export interface Progress {
  /** How things are now. Said again unchanged it is not repeated. */
  update(text: string): Promise<void>;
  /** Something that happened, and stays on the screen. It may have colours; the caller made it printable. */
  line(text: string): Promise<void>;
  /** Takes the line away, so that what comes next stands in its place. */
  end(): Promise<void>;
}

export function progressOn(screen: Screen): Progress {
  return screen.live ? redrawn(screen) : plainly(screen);
}

function redrawn(screen: Screen): Progress {
  let shown = "";
  const fitting = () => cut(shown, (screen.width ?? 80) - 1);
  return {
    update: async (text) => {
      const line = printableLine(text);
      if (line === shown) return;
      shown = line;
      await screen.write(`${LINE_START}${fitting()}`);
    },
    line: (text) => screen.write(`${LINE_START}${text}\n${fitting()}`),
    end: async () => {
      if (shown !== "") await screen.write(LINE_START);
      shown = "";
    },
  };
}

function plainly(screen: Screen): Progress {
  let last = "";
  return {
    update: async (text) => {
      const line = printableLine(text);
      if (line === last) return;
      last = line;
      await screen.write(`${line}\n`);
    },
    line: (text) => screen.write(`${text}\n`),
    end: () => Promise.resolve(),
  };
}

function cut(text: string, width: number): string {
  let kept = "";
  for (const char of text) {
    if (unicodeWidth(kept + char) > width) return kept;
    kept += char;
  }
  return kept;
}
