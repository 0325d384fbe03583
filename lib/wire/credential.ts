/**
 * What proves to one program of a cluster who another one is: a JWT (RFC 7519, ES256) that the cluster's authority has
 * signed. It names who it is of, for whom it is and until when, so that one that was given to the wrong program is worth
 * nothing elsewhere; whoever trusts the authority can check it without asking anybody.
 * @module
 */
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";

const ALGORITHM = "ES256";
/** Clocks of hosts differ. */
const SKEW_S = 60;
/** Credentials that were found good are remembered: to check a signature takes half a millisecond. */
const CHECKED_MAX = 4_096;

/** Whom every agent takes for a controller, as the subject of a credential. */
export const CONTROLLER = "controller";
/** The audience of what nodes show each other. */
export const NODES = "nodes";

export interface Claims {
  cluster: string;
  /** `CONTROLLER`, or the identity of an agent. */
  subject: string;
  /** `CONTROLLER`, `NODES`, or the identity of an agent. */
  audience: string;
  issuedAt: Date;
  expiresAt: Date;
}

/** A key of the authority; `id` tells which, as there are two while it is replaced. */
export interface SigningKey {
  id: string;
  privateKey: CryptoKey;
}

export interface TrustedKey {
  id: string;
  publicKey: CryptoKey;
}

/** Makes a credential. */
export async function signCredential(
  { cluster, subject, audience, issuedAt, expiresAt }: Claims,
  { id, privateKey }: SigningKey,
): Promise<string> {
  return await new SignJWT().setProtectedHeader({ alg: ALGORITHM, kid: id }).setIssuer(cluster).setSubject(subject)
    // To the millisecond: a node that is removed and joins again at once holds what was issued after its removal.
    .setAudience(audience).setIssuedAt(issuedAt.getTime() / 1_000).setExpirationTime(expiresAt).sign(privateKey);
}

/** Which key a credential says it was signed by; undefined when it is none. */
export function signerOf(credential: string): string | undefined {
  try {
    return decodeProtectedHeader(credential).kid;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

export interface CheckOptions {
  cluster: string;
  audience: string;
  trusted: readonly TrustedKey[];
  /** The time of day, in milliseconds. */
  wall: () => number;
  /** For how long after its end a credential still proves whose it was. */
  graceMs?: number;
}

/** Checks credentials that are shown to one program. */
export class CredentialCheck {
  readonly #options: CheckOptions;
  readonly #graceMs: number;
  readonly #good = new Map<string, Claims>();

  constructor(options: CheckOptions) {
    this.#options = options;
    this.#graceMs = SKEW_S * 1_000 + (options.graceMs ?? 0);
  }

  /** Who shows it; undefined when it proves nothing here. */
  async claimsOf(credential: string): Promise<Claims | undefined> {
    const { wall } = this.#options;
    const known = this.#good.get(credential);
    const claims = known ?? await this.#verify(credential);
    if (claims === undefined || claims.expiresAt.getTime() + this.#graceMs <= wall()) {
      this.#good.delete(credential);
      return undefined;
    }
    if (known === undefined) {
      if (this.#good.size >= CHECKED_MAX) this.#good.clear();
      this.#good.set(credential, claims);
    }
    return claims;
  }

  async #verify(credential: string): Promise<Claims | undefined> {
    const { cluster, audience, trusted, wall } = this.#options;
    try {
      const { kid } = decodeProtectedHeader(credential);
      const key = trusted.find(({ id }) => id === kid);
      if (key === undefined) return undefined;
      const { payload } = await jwtVerify(credential, key.publicKey, {
        algorithms: [ALGORITHM],
        issuer: cluster,
        audience,
        requiredClaims: ["sub", "exp", "iat"],
        clockTolerance: this.#graceMs / 1_000,
        currentDate: new Date(wall()),
      });
      const { sub = "", iat = 0, exp = 0 } = payload;
      const [issuedAt, expiresAt] = [new Date(Math.round(iat * 1_000)), new Date(exp * 1_000)];
      return { cluster, subject: sub, audience, issuedAt, expiresAt };
    } catch (error) {
      // Whatever it is, it is no credential: not even a JWT, somebody else's, or over.
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }
}
