/**
 * Cuts bytes into lines as they come. A line that is longer than any should be is given in parts, so that a replica
 * which never ends a line costs no memory here.
 * @module
 */

const LINE_BYTES_MAX = 16 * 1_024;
export const LINE_FEED = 0x0a;

export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #open = new Uint8Array(0);

  /** The lines that these bytes complete. */
  push(bytes: Uint8Array): string[] {
    const all = joined(this.#open, bytes);
    const lines: string[] = [];
    let from = 0;
    while (from < all.length) {
      const end = all.indexOf(LINE_FEED, from);
      const to = end === -1 ? all.length : end;
      if (to - from > LINE_BYTES_MAX) {
        lines.push(this.#text(all.subarray(from, from + LINE_BYTES_MAX)));
        from += LINE_BYTES_MAX;
        continue;
      }
      if (end === -1) break;
      lines.push(this.#text(all.subarray(from, end)));
      from = end + 1;
    }
    this.#open = all.slice(from);
    return lines;
  }

  /** What was written without a line feed at its end. */
  rest(): string[] {
    const rest = this.#open;
    this.#open = new Uint8Array(0);
    return rest.length === 0 ? [] : [this.#text(rest)];
  }

  #text(bytes: Uint8Array): string {
    const text = this.#decoder.decode(bytes);
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  }
}

function joined(before: Uint8Array, after: Uint8Array): Uint8Array {
  if (before.length === 0) return after;
  const both = new Uint8Array(before.length + after.length);
  both.set(before);
  both.set(after, before.length);
  return both;
}
