/**
 * How a bearer token is turned into who carries it. The guard asks one after the other; each kind of credential has its
 * own, and none says more than that it doesn't know the token.
 * @module
 */
import type { Tokens } from "../../people/tokens.ts";
import { hashOf, isSame } from "../../people/tokens.ts";
import { type Principal, TOKEN_FILE_PERSON } from "../../people/principal.ts";

/** Who carries that token, or undefined when it is none that counts. */
export type Authenticator = (bearer: string) => Promise<Principal | undefined>;

/** The tokens that `token create` makes. */
export function byTokens(tokens: Tokens): Authenticator {
  return (bearer) => Promise.resolve(tokens.personOf(bearer));
}

/** The one token of `--token-file`. */
export function byTokenFile(token: string): Authenticator {
  const expected = hashOf(token);
  return (bearer) => Promise.resolve(isSame(hashOf(bearer), expected) ? TOKEN_FILE_PERSON : undefined);
}
