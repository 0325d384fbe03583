/**
 * What an error tells people. Some say little themselves and leave it to their cause: a `fetch` that failed does, in some
 * versions of Deno, and only its cause tells a refused connection from a certificate that is not believed.
 * @module
 */

/** The error's own words, and its cause's. */
export function toldBy({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
