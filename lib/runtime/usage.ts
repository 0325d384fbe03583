/**
 * What a program does instead of running: show its help or its version, or say what is wrong with its flags. The entry
 * files call this with any result of `parseConfig` that holds no config, and exit with the code that comes back.
 * @module
 */
import type { ConfigResult } from "./config.ts";
import type { FlagTable } from "./flag.ts";
import { terminalSize } from "./terminal/terminal_size.ts";
import { VERSION } from "./version.ts";

/** Every result of `parseConfig` that is not a config. */
export type NoConfig = Exclude<ConfigResult<FlagTable>, { kind: "config" }>;

/** The exit code for flags that can't be used. */
const USAGE_EXIT_CODE = 2;

/** Prints the answer and returns the exit code: help and version go to stdout, an error to stderr. */
export function answerUsage(program: string, result: NoConfig): number {
  switch (result.kind) {
    case "help":
      print(Deno.stdout, result.page(Deno.stdout.isTerminal() ? terminalSize().columns : undefined));
      return 0;
    case "version":
      print(Deno.stdout, `${program} ${VERSION}\n`);
      return 0;
    case "usage_error":
      print(Deno.stderr, `${result.message}\n`);
      return USAGE_EXIT_CODE;
    default:
      return result satisfies never;
  }
}

function print(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
  } catch (error) {
    // The reader of a pipe left, as `head` does when it has seen enough.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
