/**
 * Credentials between this controller and its agents, where nodes have identities: what agents show is checked against
 * who belongs to the cluster now, and each agent is shown what is for it alone.
 * @module
 */
import { CONTROLLER, CredentialCheck, type TrustedKey } from "../../wire/credential.ts";
import type { Authenticator } from "../api/access/authenticators.ts";
import type { Authority } from "./authority.ts";
import type { Members } from "./members.ts";

/** How long after its end a credential still serves to be renewed: for a host that was off for a while. */
export const RENEW_GRACE_MS = 30 * 86_400_000;

export interface NodeCredentialsOptions {
  authority: Pick<Authority, "cluster" | "trustedKeys" | "orderCredential">;
  members: Pick<Members, "isMember" | "identityAt">;
  wall: () => number;
}

export interface NodeCredentials {
  authenticate: Authenticator;
  /** The node that shows a credential which may be over, if it still belongs to the cluster. */
  renewing: (bearer: string) => Promise<string | undefined>;
  /** What the agent at that address is shown; undefined when nobody knows who is there. */
  shownTo: (url: string) => Promise<string | undefined>;
}

export function createNodeCredentials({ authority, members, wall }: NodeCredentialsOptions): NodeCredentials {
  const checksBy = (trusted: readonly TrustedKey[]) => {
    const options = { cluster: authority.cluster, audience: CONTROLLER, trusted, wall };
    const lenient = new CredentialCheck({ ...options, graceMs: RENEW_GRACE_MS });
    return { trusted, strict: new CredentialCheck(options), lenient };
  };
  let checks = checksBy(authority.trustedKeys);

  async function memberBy(bearer: string, by: "strict" | "lenient"): Promise<string | undefined> {
    // What an authority had signed that is trusted no more is not to be remembered as good.
    if (checks.trusted !== authority.trustedKeys) checks = checksBy(authority.trustedKeys);
    const claims = await checks[by].claimsOf(bearer);
    return claims !== undefined && members.isMember(claims.subject, claims.issuedAt) ? claims.subject : undefined;
  }

  return {
    authenticate: async (bearer) => {
      const node = await memberBy(bearer, "strict");
      return node === undefined ? undefined : { kind: "node", node };
    },
    renewing: (bearer) => memberBy(bearer, "lenient"),
    shownTo: async (url) => {
      const identity = members.identityAt(new URL(url).origin);
      return identity === undefined ? undefined : await authority.orderCredential(identity);
    },
  };
}
