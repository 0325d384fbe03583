/**
 * Copies what a child writes into its log file, for hosts on which the program can't open that file itself (Windows).
 * @module
 */
import { getLog } from "../runtime/log.ts";

const log = getLog("process");

/** Copies until the stream ends. Begun and left alone: the stream ends with the child. */
export function copyOutput(stream: ReadableStream<Uint8Array>, path: string): void {
  copy(stream, path).catch((error) => log.warn("Cannot keep a replica's output any more", { path, error }));
}

async function copy(stream: ReadableStream<Uint8Array>, path: string): Promise<void> {
  using file = await Deno.open(path, { append: true, create: true });
  for await (const chunk of stream) {
    for (let written = 0; written < chunk.length;) written += await file.write(chunk.subarray(written));
  }
}
