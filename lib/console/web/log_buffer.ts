/**
 * The lines of a live log, bounded: in blocks of which only the last still grows, so that a page with thousands of lines
 * draws no more than what is new. The oldest go by the block.
 * @module
 */
import type { ServiceLogLine } from "../../wire/api.ts";

export const BLOCK_LINES = 200;
export const BLOCKS_MAX = 25;

/** A line as the page shows it; without a name where all are of one replica. */
export type ShownLine = Pick<ServiceLogLine, "time" | "stream" | "line" | "replica"> & { name?: string };

export interface Block {
  /** Grows from block to block. */
  id: number;
  lines: readonly ShownLine[];
}

export interface LogBuffer {
  blocks: readonly Block[];
  /** Of each replica the time of its last line, so that a log that is read anew repeats none. */
  last: ReadonlyMap<string, string>;
  /** Lines that went for new ones. */
  dropped: number;
}

export const EMPTY_LOG: LogBuffer = { blocks: [], last: new Map(), dropped: 0 };

/** With further lines. */
export function appended(buffer: LogBuffer, lines: readonly ShownLine[]): LogBuffer {
  const blocks = [...buffer.blocks];
  const last = new Map(buffer.last);
  for (let from = 0; from < lines.length;) {
    const open = blocks.at(-1);
    const isOpen = open !== undefined && open.lines.length < BLOCK_LINES;
    const room = isOpen ? BLOCK_LINES - open.lines.length : BLOCK_LINES;
    const more = lines.slice(from, from + room);
    if (isOpen) blocks[blocks.length - 1] = { id: open.id, lines: [...open.lines, ...more] };
    else blocks.push({ id: (open?.id ?? 0) + 1, lines: more });
    from += more.length;
  }
  for (const { replica, time } of lines) if (time > (last.get(replica) ?? "")) last.set(replica, time);
  const gone = blocks.splice(0, Math.max(0, blocks.length - BLOCKS_MAX));
  return { blocks, last, dropped: buffer.dropped + gone.reduce((sum, { lines }) => sum + lines.length, 0) };
}

/** Those of the lines that aren't in the log yet, when a stream begins again with lines of before. */
export function unseen(buffer: LogBuffer, lines: readonly ShownLine[]): ShownLine[] {
  return lines.filter(({ replica, time }) => time > (buffer.last.get(replica) ?? ""));
}

export function lineCount({ blocks }: LogBuffer): number {
  return blocks.reduce((sum, { lines }) => sum + lines.length, 0);
}
