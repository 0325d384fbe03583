/**
 * Credentials between this controller and its agents, where nodes have identities: what agents show is checked against
 * who belongs to the cluster now, and each agent is shown what is for it alone.
 * @module
 */
import { CONTROLLER, CredentialCheck } from "../../wire/credential.ts";
import type { Authenticator } from "../api/authenticators.ts";
import type { Authority } from "./authority.ts";
import type { Members } from "./members.ts";

/** How long after its end a credential still serves to be renewed: for a host that was off for a while. */
export const RENEW_GRACE_MS = 30 * 86_400_000;

export interface NodeCredentialsOptions {
  authority: Authority;
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
  const trusted = authority.trustedKeys;
  const options = { cluster: authority.cluster, audience: CONTROLLER, trusted, wall };
  const check = new CredentialCheck(options);
  const lenient = new CredentialCheck({ ...options, graceMs: RENEW_GRACE_MS });

  async function memberBy(bearer: string, by: CredentialCheck): Promise<string | undefined> {
    const claims = await by.claimsOf(bearer);
    return claims !== undefined && members.isMember(claims.subject, claims.issuedAt) ? claims.subject : undefined;
  }

  return {
    authenticate: async (bearer) => {
      const node = await memberBy(bearer, check);
      return node === undefined ? undefined : { kind: "node", node };
    },
    renewing: (bearer) => memberBy(bearer, lenient),
    shownTo: async (url) => {
      const identity = members.identityAt(new URL(url).origin);
      return identity === undefined ? undefined : await authority.orderCredential(identity);
    },
  };
}
