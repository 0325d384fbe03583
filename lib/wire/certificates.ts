/**
 * X.509: an authority of one's own, and certificates for listeners: those of controllers and agents, and in a lab those
 * of the ingress. They prove to whoever connects that it speaks to that address, and nothing more: within the cluster, who
 * connects is proved by credentials.
 * @module
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { isIP } from "node:net";
import { importPrivateKey, KEY_ALGORITHM, newKeyPair, privateKeyPem, SIGNATURE } from "./keys.ts";

/** Clocks of hosts differ: what was made just now is valid there already. */
const BACKDATED_MS = 5 * 60_000;
const AUTHORITY_MS = 10 * 365 * 86_400_000;

export interface KeyPair {
  certificate: string;
  key: string;
}

/** An authority whose key can sign. */
export interface SigningAuthority {
  certificate: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

export interface LeafOptions {
  /** Of whom it is: "controller", an agent's identity, or a host. */
  subject: string;
  /** The addresses and host names at which its holder is reached. */
  hosts: readonly string[];
  validMs: number;
  nowMs: number;
}

/** Makes a new authority of that name. Its key comes as PKCS #8. */
export async function makeAuthority(name: string, nowMs: number): Promise<KeyPair> {
  const keys = await newKeyPair();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs + AUTHORITY_MS),
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await privateKeyPem(keys.privateKey) };
}

/**
 * Certifies another authority's key, so that who believes only this one believes that one as well where it is shown
 * along: the "new with old" of RFC 4210, 4.4. Both go by one name, which keeps it out of the count of a path's length.
 */
export async function vouchFor(authority: SigningAuthority, other: string, nowMs: number): Promise<string> {
  const { subject: issuer, notAfter } = new x509.X509Certificate(authority.certificate);
  const { subject, publicKey } = new x509.X509Certificate(other);
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer,
    publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: SIGNATURE,
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  return certificate.toString("pem");
}

/** Makes an authority out of what was kept of it. */
export async function readAuthority({ certificate, key }: KeyPair): Promise<SigningAuthority> {
  return { certificate, privateKey: await importPrivateKey(key), publicKey: await publicKeyOf(certificate) };
}

/** The key in a certificate. */
export async function publicKeyOf(certificate: string): Promise<CryptoKey> {
  const { publicKey } = new x509.X509Certificate(certificate);
  return await publicKey.export(KEY_ALGORITHM, ["verify"]);
}

/** Makes a certificate and its key. */
export async function issuePair(authority: SigningAuthority, options: LeafOptions): Promise<KeyPair> {
  const keys = await newKeyPair();
  return { certificate: await issue(authority, keys.publicKey, options), key: await privateKeyPem(keys.privateKey) };
}

/** Makes a certificate for whoever holds the key of a signing request; undefined when the request proves no key. */
export async function issueFor(
  authority: SigningAuthority,
  request: string,
  options: LeafOptions,
): Promise<string | undefined> {
  const key = await provenKeyOf(request);
  return key && await issue(authority, key, options);
}

async function provenKeyOf(request: string): Promise<CryptoKey | undefined> {
  try {
    const parsed = new x509.Pkcs10CertificateRequest(request);
    return await parsed.verify() ? await parsed.publicKey.export(KEY_ALGORITHM, ["verify"]) : undefined;
  } catch (error) {
    // What the parser throws for bytes that are no request, or hold a key of another kind, has no class in common.
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

async function issue(
  authority: SigningAuthority,
  publicKey: CryptoKey,
  { subject, hosts, validMs, nowMs }: LeafOptions,
): Promise<string> {
  const { subject: issuer } = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    // What a request says of its holder counts for nothing; the hosts are what was found out about it.
    subject: `CN=${subject}`,
    issuer,
    publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: SIGNATURE,
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs + validMs),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([...new Set(hosts)].map(alternativeName)),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  return certificate.toString("pem");
}

function alternativeName(host: string): { type: "ip" | "dns"; value: string } {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return { type: isIP(bare) === 0 ? "dns" : "ip", value: bare };
}
