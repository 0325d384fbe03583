/**
 * What all messages of this package have in common: how a value is shown, and how the caller's own
 * remark ends the first sentence. Used by every assertion, exported by none.
 *
 * @module
 */

/** Shows a value in full and with sorted keys, so that two shown values can be compared line by line. */
export function show(value: unknown): string {
  return Deno.inspect(value, {
    compact: false,
    depth: Infinity,
    getters: true,
    iterableLimit: Infinity,
    sorted: true,
    strAbbreviateSize: Infinity,
    trailingComma: true,
  });
}

/** The end of a message: the caller's remark behind a colon, or a full stop. */
export function remark(msg: string | undefined): string {
  return msg ? `: ${msg}` : ".";
}
