/**
 * Nodes that were removed from the cluster: what such a node was given before its removal proves nothing any more,
 * although it is not over yet. One that has joined anew holds newer credentials.
 * @module
 */
import type { Revocation } from "../../wire/protocol.ts";

export class RevokedNodes {
  readonly #atMs = new Map<string, number>();

  /** Takes in all that still matter; returns the nodes that are new among them. */
  replace(revoked: readonly Revocation[]): string[] {
    const fresh = revoked.filter(({ node, at }) => this.#atMs.get(node) !== Date.parse(at)).map(({ node }) => node);
    this.#atMs.clear();
    for (const { node, at } of revoked) this.#atMs.set(node, Date.parse(at));
    return fresh;
  }

  /** Whether what was issued to the node then proves nothing now. */
  has(node: string, issuedAt: Date): boolean {
    const atMs = this.#atMs.get(node);
    return atMs !== undefined && issuedAt.getTime() <= atMs;
  }
}
