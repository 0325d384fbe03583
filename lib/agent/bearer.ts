/**
 * Who may speak to this agent: whoever knows its token. Without a token (on loopback, or `--insecure`) everybody may.
 * The comparison takes the same time wherever the texts differ.
 * @module
 */
import { type Fields, fieldValue } from "../wire/http1/fields.ts";
import type { HttpReply } from "./http_message.ts";
import { refusal } from "./refusal.ts";

/** The field that carries a credential: a forwarded request's `Authorization` is its replica's, and not for the agent. */
export type CredentialField = "authorization" | "proxy-authorization";

/** Answers a request that may not be made; undefined lets it pass. */
export type Guard = (fields: Fields, credential?: CredentialField) => HttpReply | undefined;

/** The guard for a token. */
export function bearerGuard(token: string | undefined): Guard {
  if (token === undefined) return () => undefined;
  const expected = encode(token);
  return (fields, credential = "authorization") => {
    const [, given] = /^bearer +(\S+)$/i.exec(fieldValue(fields, credential) ?? "") ?? [];
    if (given !== undefined && isSame(encode(given), expected)) return undefined;
    return refusal("unauthorized", {
      title: "Unauthorized",
      status: 401,
      detail: `send the agent's token as "${credential}: Bearer …"; it is in the file that --token-file names`,
      headers: { "www-authenticate": 'Bearer realm="muster-agent"' },
    });
  };
}

function isSame(given: Uint8Array, expected: Uint8Array): boolean {
  let difference = given.length ^ expected.length;
  for (let at = 0; at < expected.length; at++) difference |= (given[at] ?? 0) ^ (expected[at] ?? 0);
  return difference === 0;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
