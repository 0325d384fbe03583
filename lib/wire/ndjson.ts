/**
 * Newline-delimited JSON as it comes over a stream: bytes in, whole lines out, and no more of an endless line is kept
 * than allowed. The feed of an agent and the logs of a replica are read with this.
 * @module
 */

/** A line that is longer than its reader allows. */
export class LineTooLong extends Error {
  override readonly name = "LineTooLong";
}

const LINE_FEED = 0x0a;

/** The lines of a stream that are not empty, each without its line feed. A last line that isn't ended is not given. */
export async function* readLines(
  stream: ReadableStream<Uint8Array>,
  { lineBytesMax }: { lineBytesMax: number },
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  /** Parts of the line that is not yet whole. */
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      parts.push(chunk.subarray(from, end));
      from = end + 1;
      const line = decoder.decode(joined(parts)).trim();
      parts = [];
      held = 0;
      if (line !== "") yield line;
    }
    if (from === chunk.length) continue;
    parts.push(chunk.slice(from));
    held += chunk.length - from;
    if (held > lineBytesMax) throw new LineTooLong(`a line has more than ${lineBytesMax} bytes`);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
