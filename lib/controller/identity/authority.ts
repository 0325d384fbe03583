/**
 * The cluster's authority: its key lies in `<data>/authority/`, for the controller's user only, and is made when it is
 * first needed. Signs what nodes and controllers prove themselves by. While it is replaced there are two, and both are
 * trusted; at first the older one signs, then the newer one (`rotation.ts` says when).
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import { CONTROLLER, NODES, signCredential, type TrustedKey } from "../../wire/credential.ts";
import type { NodePapers, TrustedAuthority } from "../../wire/join.ts";
import { Gate } from "../gate.ts";
import {
  announce,
  type AuthorityPlace,
  finish,
  type KeptAuthorities,
  openAuthorityFiles,
  placeIn,
  readAuthorityFiles,
  switchOver,
} from "./authority_files.ts";
import { issueFor, issuePair, type KeyPair, makeAuthority, vouchFor } from "../../wire/certificates.ts";
import { type Standing, standingOf } from "./standing.ts";

/** What nodes hold is valid for so long, and renewed when half of it is over. */
export const NODE_VALID_MS = 86_400_000;
/** A controller's own: whoever had its key had the authority's as well. */
const CONTROLLER_VALID_MS = 90 * 86_400_000;
/** For how long a controller's credential for one agent is valid. */
const ORDER_VALID_MS = 3_600_000;

export interface AuthorityOptions {
  /** Where it is kept; unless said, in the data folder. */
  place: AuthorityPlace;
  cluster: string;
  clock: Pick<Clock, "wall">;
}

/** How far the authority's replacement is; "none" where it was never replaced. */
export type Phase = "none" | "announced" | "switched" | "done";

export class Authority {
  readonly #options: AuthorityOptions;
  /** One step of a replacement at a time. */
  readonly #steps = new Gate(1);
  #standing: Standing;
  readonly cluster: string;
  /** The credentials that are shown to agents, by agent. */
  readonly #orders = new Map<string, { credential: Promise<string>; renewMs: number }>();

  constructor(standing: Standing, options: AuthorityOptions) {
    this.#standing = standing;
    this.#options = options;
    this.cluster = options.cluster;
  }

  /** By what others are believed: another list after each step of a replacement. */
  get trusted(): readonly TrustedAuthority[] {
    return this.#standing.trusted;
  }

  get trustedKeys(): readonly TrustedKey[] {
    return this.#standing.trustedKeys;
  }

  /** What the authority that signs is known by. */
  get digest(): string {
    return this.#standing.signer.id;
  }

  /** The certificate of a trusted authority; of the one that signs, unless another one's digest is given. */
  certificate(digest?: string): string {
    const { trusted, signer } = this.#standing;
    return trusted.find(({ id }) => id === digest)?.certificate ?? signer.certificate;
  }

  /** How far its replacement is, and since when. */
  get rotation(): { phase: Phase; since: string | null } {
    const { phase = "none", since = null } = this.#standing.rotation ?? {};
    return { phase, since };
  }

  /** All that it takes to be this authority elsewhere. */
  kept(): Promise<KeptAuthorities> {
    return this.#steps.pass(() => readAuthorityFiles(this.#options.place));
  }

  /** Begins to replace it; false while an earlier replacement is under way. */
  rotate(): Promise<boolean> {
    return this.#steps.pass(async () => {
      const { rotation, signer } = this.#standing;
      if (rotation !== undefined && rotation.phase !== "done") return false;
      const { place, cluster, clock } = this.#options;
      const nowMs = clock.wall();
      const next = await makeAuthority(`Muster cluster ${cluster}`, nowMs);
      const vouched = await vouchFor(signer, next.certificate, nowMs);
      await announce(place, { next, vouched, since: new Date(nowMs).toISOString() });
      await this.#reload();
      return true;
    });
  }

  /** Takes the next step of a replacement; nothing when it is beyond that phase. */
  advance(from: "announced" | "switched"): Promise<void> {
    return this.#steps.pass(async () => {
      const { rotation } = this.#standing;
      if (rotation === undefined || rotation.phase !== from) return;
      const { place, clock } = this.#options;
      const step = from === "announced" ? switchOver : finish;
      await step(place, { vouched: rotation.vouched, since: new Date(clock.wall()).toISOString() });
      await this.#reload();
    });
  }

  /** A certificate for the controller's own listener, with what makes it good to who knows the former authority. */
  async ownPair(hosts: readonly string[]): Promise<KeyPair> {
    const { signer, rotation } = this.#standing;
    const nowMs = this.#options.clock.wall();
    const pair = await issuePair(signer, { subject: CONTROLLER, hosts, validMs: CONTROLLER_VALID_MS, nowMs });
    if (rotation === undefined || rotation.phase === "announced") return pair;
    return { ...pair, certificate: `${pair.certificate.trimEnd()}\n${rotation.vouched}` };
  }

  /** What a node proves itself by from now on; undefined when its signing request proves no key. */
  async papersFor(
    { identity, host }: { identity: string; host: string },
    request: string,
  ): Promise<NodePapers | undefined> {
    const { signer, trusted } = this.#standing;
    const nowMs = this.#options.clock.wall();
    const certificate = await issueFor(signer, request, {
      subject: identity,
      hosts: [host],
      validMs: NODE_VALID_MS,
      nowMs,
    });
    if (certificate === undefined) return undefined;
    const [issuedAt, expiresAt] = [new Date(nowMs), new Date(nowMs + NODE_VALID_MS)];
    const sign = (audience: string) =>
      signCredential({ cluster: this.cluster, subject: identity, audience, issuedAt, expiresAt }, signer);
    return {
      cluster: this.cluster,
      trusted: [...trusted],
      certificate,
      credential: await sign(CONTROLLER),
      peer_credential: await sign(NODES),
      expires_at: expiresAt.toISOString(),
    };
  }

  /** What the controller shows to an agent. */
  orderCredential(identity: string): Promise<string> {
    const nowMs = this.#options.clock.wall();
    const known = this.#orders.get(identity);
    if (known !== undefined && known.renewMs > nowMs) return known.credential;
    const [issuedAt, expiresAt] = [new Date(nowMs), new Date(nowMs + ORDER_VALID_MS)];
    const claims = { cluster: this.cluster, subject: CONTROLLER, audience: identity, issuedAt, expiresAt };
    const credential = signCredential(claims, this.#standing.signer);
    this.#orders.set(identity, { credential, renewMs: nowMs + ORDER_VALID_MS / 2 });
    return credential;
  }

  async #reload(): Promise<void> {
    this.#standing = await standingOf(await readAuthorityFiles(this.#options.place));
    this.#orders.clear();
  }
}

/** The authority in a data folder; a new one where there is none. */
export async function openAuthority(
  { folder, ...options }: { folder: string } & Omit<AuthorityOptions, "place"> & Partial<AuthorityOptions>,
): Promise<Authority> {
  const { cluster, clock, place = placeIn(folder) } = options;
  const kept = await openAuthorityFiles(place, () => makeAuthority(`Muster cluster ${cluster}`, clock.wall()));
  return new Authority(await standingOf(kept), { place, cluster, clock });
}
