/**
 * The cluster's authority: its key lies in `<data>/authority/`, for the controller's user only, and is made when it is
 * first needed. Signs what nodes and controllers prove themselves by. While it is replaced there are two, and both are
 * trusted; the newer one signs.
 * @module
 */
import { join } from "node:path";
import { writeFileAtomic } from "../../runtime/atomic_file.ts";
import type { Clock } from "../../runtime/clock.ts";
import { CONTROLLER, NODES, signCredential, type SigningKey, type TrustedKey } from "../../wire/credential.ts";
import type { NodePapers, TrustedAuthority } from "../../wire/join.ts";
import { publicKeyText } from "../../wire/keys.ts";
import { digestOf } from "../../wire/pem.ts";
import {
  issueFor,
  issuePair,
  type KeyPair,
  makeAuthority,
  readAuthority,
  type SigningAuthority,
} from "./certificates.ts";

/** What nodes hold is valid for so long, and renewed when half of it is over. */
export const NODE_VALID_MS = 86_400_000;
/** A controller's own: whoever had its key had the authority's as well. */
const CONTROLLER_VALID_MS = 90 * 86_400_000;
/** For how long a controller's credential for one agent is valid. */
const ORDER_VALID_MS = 3_600_000;

export interface AuthorityOptions {
  /** The controller's data folder. */
  folder: string;
  cluster: string;
  clock: Pick<Clock, "wall">;
}

export class Authority {
  readonly #authority: SigningAuthority;
  readonly #clock: Pick<Clock, "wall">;
  readonly #signing: SigningKey;
  readonly #trusted: readonly TrustedAuthority[];
  readonly cluster: string;
  /** What the authority is known by. */
  readonly digest: string;
  /** The credentials that are shown to agents, by agent. */
  readonly #orders = new Map<string, { credential: Promise<string>; renewMs: number }>();

  constructor(
    authority: SigningAuthority,
    { known, cluster, clock }: { known: TrustedAuthority } & Pick<AuthorityOptions, "cluster" | "clock">,
  ) {
    this.#authority = authority;
    this.#clock = clock;
    this.#signing = { id: known.id, privateKey: authority.privateKey };
    this.#trusted = [known];
    this.cluster = cluster;
    this.digest = known.id;
  }

  /** By what others are believed. */
  get trusted(): readonly TrustedAuthority[] {
    return this.#trusted;
  }

  get trustedKeys(): TrustedKey[] {
    return [{ id: this.digest, publicKey: this.#authority.publicKey }];
  }

  /** Its own certificate. */
  get certificate(): string {
    return this.#authority.certificate;
  }

  /** A certificate for the controller's own listener. */
  ownPair(hosts: readonly string[]): Promise<KeyPair> {
    const nowMs = this.#clock.wall();
    return issuePair(this.#authority, { subject: CONTROLLER, hosts, validMs: CONTROLLER_VALID_MS, nowMs });
  }

  /** What a node proves itself by from now on; undefined when its signing request proves no key. */
  async papersFor(
    { identity, host }: { identity: string; host: string },
    request: string,
  ): Promise<NodePapers | undefined> {
    const nowMs = this.#clock.wall();
    const certificate = await issueFor(this.#authority, request, {
      subject: identity,
      hosts: [host],
      validMs: NODE_VALID_MS,
      nowMs,
    });
    if (certificate === undefined) return undefined;
    const [issuedAt, expiresAt] = [new Date(nowMs), new Date(nowMs + NODE_VALID_MS)];
    const sign = (audience: string) =>
      signCredential({ cluster: this.cluster, subject: identity, audience, issuedAt, expiresAt }, this.#signing);
    return {
      cluster: this.cluster,
      trusted: [...this.#trusted],
      certificate,
      credential: await sign(CONTROLLER),
      peer_credential: await sign(NODES),
      expires_at: expiresAt.toISOString(),
    };
  }

  /** What the controller shows to an agent. */
  orderCredential(identity: string): Promise<string> {
    const nowMs = this.#clock.wall();
    const known = this.#orders.get(identity);
    if (known !== undefined && known.renewMs > nowMs) return known.credential;
    const [issuedAt, expiresAt] = [new Date(nowMs), new Date(nowMs + ORDER_VALID_MS)];
    const claims = { cluster: this.cluster, subject: CONTROLLER, audience: identity, issuedAt, expiresAt };
    const credential = signCredential(claims, this.#signing);
    this.#orders.set(identity, { credential, renewMs: nowMs + ORDER_VALID_MS / 2 });
    return credential;
  }
}

/** The authority in the folder; a new one where there is none. */
export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  const folder = join(options.folder, "authority");
  const pair = await readPair(folder) ?? await makePair(folder, options);
  const authority = await readAuthority(pair);
  const id = await digestOf(pair.certificate);
  if (id === undefined) throw new Error(`Cannot read ${folder}/authority.pem: it holds no certificate`);
  const known = { id, certificate: pair.certificate, public_key: await publicKeyText(authority.publicKey) };
  return new Authority(authority, { ...options, known });
}

async function readPair(folder: string): Promise<KeyPair | undefined> {
  try {
    const certificate = await Deno.readTextFile(join(folder, "authority.pem"));
    return { certificate, key: await Deno.readTextFile(join(folder, "authority.key")) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function makePair(folder: string, { cluster, clock }: AuthorityOptions): Promise<KeyPair> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const pair = await makeAuthority(cluster, clock.wall());
  // The certificate last: where it is, there is its key.
  await writeFileAtomic(join(folder, "authority.key"), pair.key, { mode: 0o600 });
  await writeFileAtomic(join(folder, "authority.pem"), pair.certificate, { mode: 0o644 });
  return pair;
}
