/**
 * Where a command writes. Standard output and standard error are each a `Screen` that knows whether a person looks at
 * it, how wide it is and whether it shows colours; tests use screens of their own.
 * @module
 */
import { terminalSize } from "../../runtime/terminal/terminal_size.ts";

export interface Screen {
  /** Resolves when the text is on its way: a slow reader slows its writer down. */
  write(text: string): Promise<void>;
  /** The columns of a terminal as it is now; undefined where lines may be of any length, as in a pipe. */
  readonly width: number | undefined;
  /** The lines of a terminal as it is now. */
  readonly height: number | undefined;
  readonly colours: boolean;
  /** Whether what was written can be written over: a terminal that moves its cursor. */
  readonly live: boolean;
}

type Stream = typeof Deno.stdout;

/** One of the program's own streams. */
export function screenOf(stream: Stream, env: { get(name: string): string | undefined }): Screen {
  const isTerminal = stream.isTerminal();
  const encoder = new TextEncoder();
  const isDumb = env.get("TERM") === "dumb";
  return {
    get width() {
      return isTerminal ? terminalSize().columns : undefined;
    },
    get height() {
      return isTerminal ? terminalSize().rows : undefined;
    },
    colours: isTerminal && !env.get("NO_COLOR") && !isDumb,
    live: isTerminal && !isDumb,
    write: async (text) => {
      const bytes = encoder.encode(text);
      for (let written = 0; written < bytes.length;) written += await stream.write(bytes.subarray(written));
    },
  };
}
