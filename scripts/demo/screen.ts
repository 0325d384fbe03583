/**
 * How the demo looks: text in a few quiet styles, and below it, on a terminal, one live line that is redrawn while
 * something is waited for. Colours are only used on a terminal (NO_COLOR and TERM=dumb are respected), or where
 * FORCE_COLOR asks for them. Each replica has a colour of its own by which it is known again.
 * @module
 */
import { styleText } from "node:util";
import process from "node:process";

type Style = Parameters<typeof styleText>[0];

const LIVE_MS = 100;
const CLEAR_LINE = "\r\x1b[K";
const SHORT_ID = 8;
/** As many as the story has replicas. Red is left to what goes wrong. */
const REPLICA_STYLES: readonly Style[] = [
  "cyan",
  "magenta",
  "yellow",
  "blue",
  "green",
  "magentaBright",
  "cyanBright",
  "yellowBright",
  "blueBright",
];

export const PASSED = "✓";
export const FAILED = "✗";
/** Below a step's name. */
export const INDENT = " ".repeat(10);

const encoder = new TextEncoder();

export class Screen {
  readonly #colours: boolean;
  readonly #redraws: boolean;
  /** The style of each replica, in the order in which they were first shown. */
  readonly #styles = new Map<string, Style>();
  /** The live line, while there is one. */
  #live: (() => string) | undefined;

  constructor({ terminal, env }: { terminal: boolean; env: { get(name: string): string | undefined } }) {
    const plain = Boolean(env.get("NO_COLOR")) || env.get("TERM") === "dumb";
    this.#colours = Boolean(env.get("FORCE_COLOR")) || (terminal && !plain);
    this.#redraws = terminal && env.get("TERM") !== "dumb";
  }

  /** Prints lines; without any, an empty one. */
  print(...lines: string[]): void {
    const clear = this.#live === undefined ? "" : CLEAR_LINE;
    this.#write(`${clear}${(lines.length === 0 ? [""] : lines).join("\n")}\n`);
    this.#draw();
  }

  /** Keeps a line up to date at the bottom until the result is disposed of. */
  live(text: () => string): Disposable {
    if (!this.#redraws) return { [Symbol.dispose]: () => {} };
    this.#live = text;
    const timer = setInterval(() => this.#draw(), LIVE_MS);
    return {
      [Symbol.dispose]: () => {
        clearInterval(timer);
        this.#live = undefined;
        this.#write(CLEAR_LINE);
      },
    };
  }

  dim(text: string): string {
    return this.#style("gray", text);
  }

  bold(text: string): string {
    return this.#style("bold", text);
  }

  good(text: string): string {
    return this.#style("green", text);
  }

  bad(text: string): string {
    return this.#style("red", text);
  }

  /** A replica by the beginning of its id, or another text in that replica's colour. */
  replica(id: string, text: string = id.slice(0, SHORT_ID)): string {
    const style = this.#styles.get(id) ?? REPLICA_STYLES[this.#styles.size % REPLICA_STYLES.length]!;
    this.#styles.set(id, style);
    return this.#style(style, text);
  }

  #style(style: Style, text: string): string {
    // What the terminal can do was decided above; styleText itself would look at this process's stdout again.
    return this.#colours ? styleText(style, text, { validateStream: false, stream: process.stdout }) : text;
  }

  #draw(): void {
    if (this.#live !== undefined) this.#write(`${CLEAR_LINE}${this.dim(this.#live())}`);
  }

  #write(text: string): void {
    const bytes = encoder.encode(text);
    for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}

/** A point in the story. */
export function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`.padStart(8);
}

/** How long something took. */
export function inMs(ms: number): string {
  return `${Math.round(ms)} ms`.padStart(7);
}
