/**
 * The name of one request in the logs of all that it passes through. A proxy that is trusted may have named it; else it is
 * named here, so that no client chooses what an operator searches for. Chance is an argument.
 * @module
 */
import { type Fields, fieldValue } from "../../wire/http1/fields.ts";

export const REQUEST_ID_FIELD = "x-request-id";

/** How many random bytes a name takes. */
export const REQUEST_ID_BYTES = 16;

/** What ids are made of, whoever makes them; nothing that means something in a log, a page or a shell. */
const REQUEST_ID = /^[\w.:@=+/-]{1,128}$/;

/** The id of a request with these fields. */
export function requestIdOf(fields: Fields, { isTrusted, bytes }: { isTrusted: boolean; bytes: Uint8Array }): string {
  const given = isTrusted ? fieldValue(fields, REQUEST_ID_FIELD) : undefined;
  return given !== undefined && REQUEST_ID.test(given) ? given : bytes.subarray(0, REQUEST_ID_BYTES).toHex();
}
