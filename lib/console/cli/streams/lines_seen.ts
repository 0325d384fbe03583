/**
 * Which lines of each replica were shown, so that a log can be gone on with after the connection was lost. Lines have
 * neither numbers nor, once they lie in a file, times of their own: where one was is found by the texts shown last, in the
 * block of old lines that comes first. Pure, but for what it remembers.
 * @module
 */
import type { ServiceLogLine } from "../../../wire/api.ts";

/** By so many lines one knows where one was, and by so much of each. */
const KEPT_LINES = 100;
const KEPT_CHARACTERS = 200;
/** Of more logs than this the one that was silent for longest is forgotten: its last lines may come twice. */
const LOGS_MAX = 2_000;
/** More old lines than this are not held back. */
const HELD_MAX = 10_000;

/** What may be shown now. */
export interface Shown {
  lines: readonly ServiceLogLine[];
  /** The replica of which lines may be missing before these. */
  gapOf?: string;
}

const NOTHING: Shown = { lines: [] };

export class LinesSeen {
  /** The last texts of each log, the one that was heard last at the end. */
  readonly #shown = new Map<string, string[]>();
  /** Logs whose old lines come again, and those of them that have come. */
  readonly #held = new Map<string, ServiceLogLine[]>();
  /** How many logs have lines in there. */
  #holding = 0;

  /** What comes now begins with lines that may be known. */
  resume(): void {
    this.#held.clear();
    this.#holding = 0;
    for (const log of this.#shown.keys()) this.#held.set(log, []);
  }

  get isEmpty(): boolean {
    return this.#shown.size === 0;
  }

  /** Whether there are lines that wait for others, or for `settle`. */
  get isHolding(): boolean {
    return this.#holding > 0;
  }

  /** Takes a line in. Old lines are held until one of another time says that there are no more of them. */
  take(line: ServiceLogLine): Shown {
    // What the controller says in between belongs to no log.
    if (line.stream === "muster") return { lines: [line] };
    const log = `${line.replica} ${line.stream}`;
    const held = this.#held.get(log);
    if (held === undefined) {
      this.#remember(log, [line]);
      return { lines: [line] };
    }
    const isOfBlock = held.length < HELD_MAX && (held[0]?.time ?? line.time) === line.time;
    if (isOfBlock) {
      if (held.push(line) === 1) this.#holding += 1;
      return NOTHING;
    }
    const { lines, ...rest } = this.#release(log, held);
    this.#remember(log, [line]);
    return { lines: [...lines, line], ...rest };
  }

  /** Nothing more came for a while: the old lines are all there. */
  settle(): Shown[] {
    const waiting = [...this.#held].filter(([, lines]) => lines.length > 0);
    return waiting.map(([log, lines]) => this.#release(log, lines));
  }

  #release(log: string, held: readonly ServiceLogLine[]): Shown {
    this.#held.delete(log);
    this.#holding -= 1;
    const known = knownOf(held.map(kept), this.#shown.get(log) ?? []);
    const lines = held.slice(known);
    this.#remember(log, lines);
    return known === 0 && held[0] !== undefined ? { lines, gapOf: held[0].name } : { lines };
  }

  #remember(log: string, lines: readonly ServiceLogLine[]): void {
    const texts = [...this.#shown.get(log) ?? [], ...lines.map(kept)].slice(-KEPT_LINES);
    this.#shown.delete(log);
    this.#shown.set(log, texts);
    if (this.#shown.size <= LOGS_MAX) return;
    const [oldest] = this.#shown.keys();
    if (oldest !== undefined) this.#shown.delete(oldest);
  }
}

function kept({ line }: ServiceLogLine): string {
  return line.slice(0, KEPT_CHARACTERS);
}

/**
 * How many of the lines were shown: up to where the last ones shown stand in them. Where they stand several times, as in
 * a log that repeats itself, the last place counts.
 */
function knownOf(lines: readonly string[], shown: readonly string[]): number {
  for (let end = lines.length; end > 0; end--) {
    const length = Math.min(end, shown.length);
    let same = 0;
    while (same < length && lines[end - 1 - same] === shown[shown.length - 1 - same]) same += 1;
    if (same === length && length > 0) return end;
  }
  return 0;
}
