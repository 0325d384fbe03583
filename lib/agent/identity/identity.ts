/**
 * How this agent proves itself and whom it believes. One that has joined a cluster has papers: its listener speaks TLS
 * and every call needs a credential of that cluster. One that has not goes by a token that all share, or, on loopback and
 * in a lab, by nothing.
 * @module
 */
import type { TrustedKey } from "../../wire/credential.ts";
import type { AgentAccess } from "../../wire/tunnel.ts";
import { bearerGuard, type Guard } from "../http/bearer.ts";
import { credentialGuard } from "./credential_guard.ts";
import type { Papers } from "./papers_file.ts";
import type { RevokedNodes } from "./revoked_nodes.ts";

/** How other agents and the controller are spoken to. */
export interface Identity {
  /** Judges who speaks to this agent. */
  guard: Guard;
  /** What is shown to other agents. */
  access: () => AgentAccess;
  /** What is shown to the controller. */
  credential: () => string | undefined;
  /** The papers in use; undefined without a cluster that has been joined. */
  papers: () => Papers | undefined;
}

/** Without papers: by the token that all share, if there is one. */
export function sharedIdentity(
  { token, joinToken }: { token?: string | undefined; joinToken?: string | undefined },
): Identity {
  return {
    guard: bearerGuard(token),
    access: () => ({ agentToken: token }),
    credential: () => joinToken,
    papers: () => undefined,
  };
}

export interface JoinedOptions {
  identity: string;
  wall: () => number;
  revoked: RevokedNodes;
}

/** With papers, which are exchanged for new ones from time to time. */
export class JoinedIdentity implements Identity {
  readonly #options: JoinedOptions;
  #papers: Papers;
  #guard: Guard;

  constructor(papers: Papers, keys: readonly TrustedKey[], options: JoinedOptions) {
    this.#options = options;
    this.#papers = papers;
    this.#guard = this.#guardFor(papers, keys);
  }

  readonly guard: Guard = (fields, asked) => this.#guard(fields, asked);

  readonly papers = (): Papers => this.#papers;

  readonly credential = (): string => this.#papers.credential;

  readonly access = (): AgentAccess => ({
    agentToken: this.#papers.peer_credential,
    caCerts: this.#papers.trusted.map(({ certificate }) => certificate),
  });

  /** Goes by new papers from now on. */
  renewed(papers: Papers, keys: readonly TrustedKey[]): void {
    this.#papers = papers;
    this.#guard = this.#guardFor(papers, keys);
  }

  #guardFor({ cluster }: Papers, trusted: readonly TrustedKey[]): Guard {
    return credentialGuard({ ...this.#options, cluster, trusted });
  }
}
