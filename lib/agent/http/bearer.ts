/**
 * Who may speak to this agent: whoever knows its token. Without a token (on loopback, or `--insecure`) everybody may.
 * The comparison takes the same time wherever the texts differ.
 * @module
 */
import { type Fields, fieldValue } from "../../wire/http1/fields.ts";
import type { HttpReply } from "./http_message.ts";
import { refusal } from "./refusal.ts";

/** The field that carries a credential: a forwarded request's `Authorization` is its replica's, and not for the agent. */
export type CredentialField = "authorization" | "proxy-authorization";

/** What a request is about. */
export interface Asked {
  field: CredentialField;
  /** To give orders and read, or to reach a replica. */
  purpose: "control" | "replica";
}

/** Who may make a request, by the identity of its node where it is a node's; or the refusal of who may not. */
export type Admission = { readonly node: string | undefined } | { readonly refusal: HttpReply };

/** Judges a request by its credential. */
export type Guard = (fields: Fields, asked: Asked) => Admission | Promise<Admission>;

const ADMITTED: Admission = { node: undefined };

/** The guard for a token. */
export function bearerGuard(token: string | undefined): Guard {
  if (token === undefined) return () => ADMITTED;
  const expected = encode(token);
  return (fields, { field }) => {
    const [, given] = /^bearer +(\S+)$/i.exec(fieldValue(fields, field) ?? "") ?? [];
    if (given !== undefined && isSame(encode(given), expected)) return ADMITTED;
    const detail = `send the agent's token as "${field}: Bearer …"; it is in the file that --token-file names`;
    return { refusal: unauthorized(detail) };
  };
}

/** The refusal of whoever doesn't say who they are. */
export function unauthorized(detail: string): HttpReply {
  const headers = { "www-authenticate": 'Bearer realm="muster-agent"' };
  return refusal("unauthorized", { title: "Unauthorized", status: 401, detail, headers });
}

function isSame(given: Uint8Array, expected: Uint8Array): boolean {
  let difference = given.length ^ expected.length;
  for (let at = 0; at < expected.length; at++) difference |= (given[at] ?? 0) ^ (expected[at] ?? 0);
  return difference === 0;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
