/**
 * The tokens of people: an index of the store's records that follows each commit, so that a token counts from the
 * moment it is durable until the moment it is removed. When a token was last used is only remembered, never written.
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { type Commit, keyOf, type Snapshot } from "../../cluster/record.ts";
import type { TokenRecord } from "../../cluster/token.ts";
import type { Clock } from "../../runtime/clock.ts";
import { type Person, TOKEN_FILE_PERSON } from "./principal.ts";

export const TOKENS_MAX = 1_000;

const SECRET_PREFIX = "muster_";
const SECRET_BYTES = 32;

export class Tokens {
  readonly #clock: Clock;
  /** By their keys in the store. */
  readonly #records = new Map<string, TokenRecord>();
  readonly #byHash = new Map<string, TokenRecord>();
  readonly #usedMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  load(snapshot: Snapshot): void {
    for (const { record } of snapshot.records) if (record.type === "token") this.#add(record);
  }

  follow(commit: Commit): void {
    for (const change of commit.changes) {
      if (change.op === "delete") this.#remove(change.key);
      else if (change.record.type === "token") this.#add(change.record);
    }
  }

  /** Whose token it is, if it is one that counts. */
  personOf(secret: string): Person | undefined {
    const hash = hashOf(secret);
    const record = this.#byHash.get(hash);
    if (record === undefined || !isSame(record.hash, hash) || this.hasExpired(record)) return undefined;
    this.#usedMs.set(record.id, this.#clock.wall());
    const { id, name, role, services } = record;
    return { kind: "person", id, name, role, services };
  }

  /** Whether what was found by `personOf` is still so. */
  stands({ id }: Person): boolean {
    if (id === TOKEN_FILE_PERSON.id) return true;
    const record = this.#records.get(`token/${id}`);
    return record !== undefined && !this.hasExpired(record);
  }

  /** The token of that id, or else of that name. */
  called(called: string): TokenRecord | undefined {
    return this.#records.get(`token/${called}`) ?? this.all().find(({ name }) => name === called);
  }

  all(): TokenRecord[] {
    return [...this.#records.values()];
  }

  hasExpired({ expires_at: expiresAt }: TokenRecord): boolean {
    return expiresAt !== null && Date.parse(expiresAt) <= this.#clock.wall();
  }

  /** By the wall clock; undefined when it wasn't used since this controller started. */
  lastUsedMs(id: string): number | undefined {
    return this.#usedMs.get(id);
  }

  #add(record: TokenRecord): void {
    this.#remove(keyOf(record));
    this.#records.set(keyOf(record), record);
    this.#byHash.set(record.hash, record);
  }

  #remove(key: string): void {
    const record = this.#records.get(key);
    if (record === undefined) return;
    this.#records.delete(key);
    this.#byHash.delete(record.hash);
    this.#usedMs.delete(record.id);
  }
}

/** A new token: 256 random bits behind a prefix by which scanners of repositories and logs find it. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return SECRET_PREFIX + bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Whether the text holds something of a token's form. */
export function holdsSecret(text: string): boolean {
  return /muster_[\w-]{43}/.test(text);
}

export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** In a time that tells nothing about where two digests differ. */
export function isSame(a: string, b: string): boolean {
  const encoder = new TextEncoder();
  return a.length === b.length && timingSafeEqual(encoder.encode(a), encoder.encode(b));
}
