/**
 * The whole terminal for a while: what was there before comes back in the end, with the cursor, however that end comes
 * about. Each picture is drawn over the one before, so that nothing flickers.
 * @module
 */
import type { Screen } from "../cli/screen.ts";

/** The other screen, no cursor, and no line that runs on into the next. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const REST_OF_LINE = "\x1b[K";
const REST_OF_SCREEN = "\x1b[J";
const LINES_USUAL = 24;

export interface FullScreen extends AsyncDisposable {
  /** Shows these lines; what is below the terminal's last one is left out. */
  draw(text: string): Promise<void>;
}

/** Takes the terminal until it is disposed of. */
export async function fullScreenOn(screen: Screen): Promise<FullScreen> {
  await screen.write(ENTER);
  return {
    draw: (text) => {
      const lines = text.trimEnd().split("\n").slice(0, screen.height ?? LINES_USUAL);
      const drawn = lines.map((line) => `${line}${REST_OF_LINE}`).join("\r\n");
      return screen.write(`${HOME}${drawn}${REST_OF_SCREEN}`);
    },
    [Symbol.asyncDispose]: () => screen.write(LEAVE),
  };
}
