/**
 * Reads a stream of bytes as text, up to a bound, for sources that might hand out anything: a disk image by mistake, a
 * device without an end, a binary.
 * @module
 */
import { SOURCE_BYTES_MAX, type SpecText } from "./source.ts";

const BYTES_PER_KIB = 1_024;

export type BoundedText = { kind: "text"; text: string; bytes: number } | { kind: "failed"; reason: string };

/** The whole text of a stream, which is at its end or cancelled afterwards. */
export async function readBoundedText(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { bytesMax = SOURCE_BYTES_MAX }: { bytesMax?: number } = {},
): Promise<BoundedText> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      return { kind: "failed", reason: `more than the ${SOURCE_BYTES_MAX / BYTES_PER_KIB} KiB that a source may have` };
    }
    chunks.push(chunk);
  }
  const text = decode(await new Blob(chunks).arrayBuffer());
  return text === undefined ? { kind: "failed", reason: "no text in UTF-8" } : { kind: "text", text, bytes };
}

function decode(bytes: ArrayBuffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}

/** A version for what has none of its own. */
export async function digestOf(texts: readonly SpecText[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(texts.map(({ name, text }) => [name, text])));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
