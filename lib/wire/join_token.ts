/**
 * The text that lets a host join: `muster1.<digest of the authority's certificate>.<id>.<secret>`. The digest lets the
 * host know the right cluster; id and secret let the cluster know the host.
 * @module
 */

const VERSION = "muster1";
const FORM = /^muster1\.([A-Za-z0-9_-]{43})\.([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/;

export interface JoinToken {
  /** The SHA-256 of the authority's certificate, in base64url. */
  authority: string;
  id: string;
  secret: string;
}

export function joinTokenText({ authority, id, secret }: JoinToken): string {
  return [VERSION, authority, id, secret].join(".");
}

/** Whether a text is meant as such a token, well-formed or not. */
export function isJoinToken(text: string): boolean {
  return text.startsWith(`${VERSION}.`);
}

/** Undefined when the text is none. */
export function parseJoinToken(text: string): JoinToken | undefined {
  const [, authority, id, secret] = FORM.exec(text) ?? [];
  if (authority === undefined || id === undefined || secret === undefined) return undefined;
  return { authority, id, secret };
}
