/**
 * Who may speak to an agent that has joined: the controller of its cluster, with a credential that is for this very
 * agent; and other nodes of the cluster, which may reach replicas and nothing else.
 * @module
 */
import { CONTROLLER, CredentialCheck, NODES, type TrustedKey } from "../../wire/credential.ts";
import { importPublicKey } from "../../wire/keys.ts";
import { fieldValue } from "../../wire/http1/fields.ts";
import { type Guard, unauthorized } from "../http/bearer.ts";
import type { HttpReply } from "../http/http_message.ts";
import { refusal } from "../http/refusal.ts";
import type { Papers } from "./papers_file.ts";
import type { RevokedNodes } from "./revoked_nodes.ts";

export interface CredentialGuardOptions {
  identity: string;
  cluster: string;
  trusted: readonly TrustedKey[];
  wall: () => number;
  revoked: Pick<RevokedNodes, "has">;
}

/** The keys of the authorities that the papers name. */
export async function trustedKeys({ trusted }: Papers): Promise<TrustedKey[]> {
  return await Promise.all(
    trusted.map(async ({ id, public_key }) => ({ id, publicKey: await importPublicKey(public_key) })),
  );
}

/** The guard for an agent with papers. */
export function credentialGuard({ identity, revoked, ...options }: CredentialGuardOptions): Guard {
  const ofControllers = new CredentialCheck({ ...options, audience: identity });
  const ofNodes = new CredentialCheck({ ...options, audience: NODES });
  return async (fields, { field, purpose }) => {
    const [, given] = /^bearer +(\S+)$/i.exec(fieldValue(fields, field) ?? "") ?? [];
    const detail = `send a credential of this cluster that is for this agent and not over, as "${field}: Bearer …"`;
    if (given === undefined) return { refusal: unauthorized(detail) };
    const controller = await ofControllers.claimsOf(given);
    if (controller?.subject === CONTROLLER) return { node: undefined };
    const node = await ofNodes.claimsOf(given);
    if (node === undefined || revoked.has(node.subject, node.issuedAt)) return { refusal: unauthorized(detail) };
    return purpose === "replica" ? { node: node.subject } : { refusal: forbidden() };
  };
}

function forbidden(): HttpReply {
  const detail = "a node may reach replicas on other nodes; orders come from the controller";
  return refusal("forbidden", { title: "Forbidden", status: 403, detail });
}
