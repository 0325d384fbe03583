/**
 * Certificates for a lab: where the operator has none, an authority of this host's own is made, and a certificate by it
 * for the host and the names of routes. Whoever is told to believe the authority (`curl --cacert`) is served as with any
 * other certificate. Both are kept, so that it has to be told once.
 * @module
 */
import { join } from "node:path";
import { writeFileAtomic } from "../../runtime/atomic_file.ts";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import { issuePair, type KeyPair, makeAuthority, readAuthority } from "../../wire/certificates.ts";
import { isFor, type ServedCertificate } from "./certificates.ts";
import { certificateIn } from "./read_certificate.ts";

const DAY_MS = 86_400_000;
/** As long as browsers believe at most. */
const LEAF_MS = 397 * DAY_MS;
const RENEW_BEFORE_MS = 30 * DAY_MS;
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const OWN_HOSTS = ["localhost", "127.0.0.1", "::1"];

const log = getLog("ingress");

export interface LabOptions {
  /** Where both are kept. */
  readonly folder: string;
  /** Beside this host's own names. */
  readonly hosts: readonly string[];
  readonly clock: Pick<Clock, "wall">;
}

/** The certificate that was kept if it is for all these hosts and good for a while, else a new one. */
export async function labCertificate({ folder, hosts, clock }: LabOptions): Promise<ServedCertificate> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const nowMs = clock.wall();
  const wanted = [...new Set([...OWN_HOSTS, Deno.hostname().toLowerCase(), ...hosts])];
  const authority = await readPair(folder, "ca") ?? await newAuthority(folder, nowMs);
  const certificate = keptCertificate(await readPair(folder, "server"), { wanted, nowMs }) ??
    await newCertificate(folder, { authority, wanted, nowMs });
  log.warn("A certificate of this host's own is served: clients have to be told to believe its authority", {
    authority: join(folder, "ca.pem"),
    hosts: certificate.hosts.length,
  });
  return certificate;
}

function keptCertificate(
  pair: KeyPair | undefined,
  { wanted, nowMs }: { wanted: readonly string[]; nowMs: number },
): ServedCertificate | undefined {
  const reading = pair && certificateIn(pair.certificate, pair.key);
  if (reading?.kind !== "usable" || reading.expiresMs - nowMs < RENEW_BEFORE_MS) return undefined;
  const { certificate } = reading;
  return wanted.every((host) => isFor(certificate.hosts, host)) ? certificate : undefined;
}

async function newCertificate(
  folder: string,
  { authority, wanted, nowMs }: { authority: KeyPair; wanted: readonly string[]; nowMs: number },
): Promise<ServedCertificate> {
  const leaf = { subject: "Muster lab", hosts: wanted, validMs: LEAF_MS, nowMs };
  const { certificate, key } = await issuePair(await readAuthority(authority), leaf);
  await writePair(folder, "server", { certificate, key });
  return { hosts: wanted, chain: certificate, key };
}

async function newAuthority(folder: string, nowMs: number): Promise<KeyPair> {
  const pair = await makeAuthority(`Muster lab on ${Deno.hostname()}`, nowMs);
  await writePair(folder, "ca", pair);
  return pair;
}

/** Undefined where there is none. */
async function readPair(folder: string, name: "ca" | "server"): Promise<KeyPair | undefined> {
  try {
    const certificate = await Deno.readTextFile(join(folder, `${name}.pem`));
    return { certificate, key: await Deno.readTextFile(join(folder, `${name}.key`)) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The certificate last: with it the pair is whole. */
async function writePair(folder: string, name: "ca" | "server", { certificate, key }: KeyPair): Promise<void> {
  await writeFileAtomic(join(folder, `${name}.key`), key, { mode: SECRET_MODE });
  await writeFileAtomic(join(folder, `${name}.pem`), certificate, { mode: PUBLIC_MODE });
}
