/**
 * Who belongs to the cluster, as an index of the store's records that follows each commit: nodes by identity and by
 * address, invitations, and the nodes that were sent away.
 * @module
 */
import type { JoinTokenRecord, RevocationRecord } from "../../cluster/membership.ts";
import type { NodeRecord } from "../../cluster/node.ts";
import { type Commit, keyOf, type Snapshot, type StoreRecord } from "../../cluster/record.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Revocation } from "../../wire/protocol.ts";

const FORMER_MAX = 1_000;

export class Members {
  readonly #clock: Pick<Clock, "wall">;
  readonly #nodes = new Map<string, NodeRecord>();
  readonly #byIdentity = new Map<string, NodeRecord>();
  readonly #byUrl = new Map<string, NodeRecord>();
  /** Who was at the addresses of removed nodes: their agents are told to stop what they run. */
  readonly #formerly = new Map<string, string>();
  readonly #joinTokens = new Map<string, JoinTokenRecord>();
  readonly #revocations = new Map<string, RevocationRecord>();

  constructor(clock: Pick<Clock, "wall">) {
    this.#clock = clock;
  }

  load({ records }: Snapshot): void {
    for (const { record } of records) this.#put(record);
  }

  /** Returns whether revocations have come or gone. */
  follow({ changes }: Commit): boolean {
    let revoked = false;
    for (const change of changes) {
      const key = change.op === "put" ? keyOf(change.record) : change.key;
      if (key.startsWith("revocation/")) revoked = true;
      this.#remove(key);
      if (change.op === "put") this.#put(change.record);
    }
    return revoked;
  }

  /** Whether an agent that shows what it was given then is one of the cluster's. */
  isMember(identity: string, issuedAt: Date): boolean {
    const revocation = this.#revocations.get(`revocation/${identity}`);
    const isRevoked = revocation !== undefined && issuedAt.getTime() <= Date.parse(revocation.at);
    return this.#byIdentity.has(identity) && !isRevoked;
  }

  /** The nodes that have an identity. */
  nodes(): NodeRecord[] {
    return [...this.#byIdentity.values()];
  }

  nodeOf(identity: string): NodeRecord | undefined {
    return this.#byIdentity.get(identity);
  }

  /** The identity of the agent at an address, or of the one that was there last. */
  identityAt(url: string): string | undefined {
    return this.#byUrl.get(url)?.identity ?? this.#formerly.get(url);
  }

  joinToken(id: string): JoinTokenRecord | undefined {
    return this.#joinTokens.get(`join_token/${id}`);
  }

  joinTokens(): JoinTokenRecord[] {
    return [...this.#joinTokens.values()];
  }

  /** Revocations that still matter. */
  revoked(): Revocation[] {
    return [...this.#revocations.values()].filter(({ until }) => Date.parse(until) > this.#clock.wall())
      .map(({ id, at }) => ({ node: id, at }));
  }

  /** Revocations and invitations that matter no more. */
  outdated(): StoreRecord[] {
    const nowMs = this.#clock.wall();
    return [
      ...[...this.#revocations.values()].filter(({ until }) => Date.parse(until) <= nowMs),
      ...this.joinTokens().filter(({ expires_at }) => Date.parse(expires_at) <= nowMs),
    ];
  }

  #put(record: StoreRecord): void {
    const key = keyOf(record);
    if (record.type === "node") {
      this.#nodes.set(key, record);
      this.#byUrl.set(record.url, record);
      if (record.identity !== null) this.#byIdentity.set(record.identity, record);
    } else if (record.type === "join_token") this.#joinTokens.set(key, record);
    else if (record.type === "revocation") this.#revocations.set(key, record);
  }

  #remove(key: string): void {
    const node = this.#nodes.get(key);
    this.#nodes.delete(key);
    this.#joinTokens.delete(key);
    this.#revocations.delete(key);
    if (node === undefined) return;
    // Another node may have taken over the address or the identity meanwhile.
    if (this.#byUrl.get(node.url) === node) this.#byUrl.delete(node.url);
    if (node.identity === null) return;
    if (this.#byIdentity.get(node.identity) === node) this.#byIdentity.delete(node.identity);
    const [oldest] = this.#formerly.keys();
    if (this.#formerly.size >= FORMER_MAX && oldest !== undefined) this.#formerly.delete(oldest);
    this.#formerly.set(node.url, node.identity);
  }
}
