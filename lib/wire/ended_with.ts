/**
 * A body that ends with its signal. What `fetch` gives should do so by itself, but Deno (2.7 and 2.9) forgets the signal
 * of an answer that has arrived with the next collection of garbage, and whoever reads then waits for ever.
 * @module
 */

/** The same bytes; reading fails once the signal is aborted, and the connection is let go. */
export function endedWith(body: ReadableStream<Uint8Array>, signal: AbortSignal): ReadableStream<Uint8Array> {
  return body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal });
}
