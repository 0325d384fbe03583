/**
 * How agents are spoken to: each by what is for it alone, where nodes have identities, or all by the token that they
 * share.
 * @module
 */
import type { AgentAccess } from "../../wire/tunnel.ts";
import type { ClusterIdentity } from "../identity/cluster_identity.ts";
import type { ControllerSettings } from "../settings.ts";

/** For what goes through agents to replicas. */
export function agentAccess(
  { token }: Pick<ControllerSettings, "token">,
  identity: ClusterIdentity | undefined,
): AgentAccess {
  if (identity === undefined) return { agentToken: token };
  const caCerts = identity.authority.trusted.map(({ certificate }) => certificate);
  return { agentToken: identity.credentials.shownTo, caCerts };
}

/** For what is said to agents themselves. */
export function clientAccess(settings: Pick<ControllerSettings, "token">, identity: ClusterIdentity | undefined) {
  const { agentToken, caCerts } = agentAccess(settings, identity);
  if (typeof agentToken !== "function") return { token: agentToken };
  return { credentialFor: agentToken, ...(caCerts && { caCerts }) };
}
