/**
 * Whether a write failed because there is no room: an outcome that operators mend and that is waited for, while any other
 * failure to write is what it is.
 * @module
 */

/** No space on the device, or none left of what this user may have; on Unix and on Windows. */
const CODES: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);
const WORDS = /\(os error (28|122|39|112)\)/;

/** Looks at the error and at what caused it. */
export function isDiskFull(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (("code" in at && CODES.has(at.code)) || WORDS.test(at.message)) return true;
  }
  return false;
}
