/**
 * What an attacker makes, for the proofs of docs/security.md: credentials signed by whatever key they have got hold of,
 * certificates that are not what they seem, and servers that stand where a program of the cluster is looked for.
 * @module
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import {
  issuePair,
  type KeyPair,
  makeAuthority,
  readAuthority,
  type SigningAuthority,
} from "../../lib/wire/certificates.ts";
import { type Claims, signCredential, type SigningKey } from "../../lib/wire/credential.ts";
import { newKeyPair, privateKeyPem, SIGNATURE } from "../../lib/wire/keys.ts";
import { digestOf } from "../../lib/wire/pem.ts";

const HOST = "127.0.0.1";
const HOUR_MS = 3_600_000;
const BYTES_MAX = 65_536;

/** An authority whose key is known. */
export type HeldAuthority = SigningAuthority & SigningKey;

/** The authority of a cluster, by its controller's data folder: what is made with it is what the cluster itself makes. */
export async function authorityIn(data: string): Promise<HeldAuthority> {
  const read = (name: string) => Deno.readTextFile(`${data}/authority/${name}`);
  return await heldAuthority({ certificate: await read("authority.pem"), key: await read("authority.key") });
}

/** Another authority, which goes by the same name. */
export async function rogueAuthority(cluster: string): Promise<HeldAuthority> {
  return await heldAuthority(await makeAuthority(`Muster cluster ${cluster}`, Date.now()));
}

async function heldAuthority(pair: KeyPair): Promise<HeldAuthority> {
  return { ...await readAuthority(pair), id: (await digestOf(pair.certificate))! };
}

type Whose = Pick<Claims, "cluster" | "subject" | "audience">;

/** A credential that is valid for an hour from now, or whose time is over since then. */
export function forge(whose: Whose, by: SigningKey, { overSinceMs }: { overSinceMs?: number } = {}): Promise<string> {
  const endMs = Date.now() + (overSinceMs === undefined ? HOUR_MS : -overSinceMs);
  return signCredential({ ...whose, issuedAt: new Date(endMs - HOUR_MS), expiresAt: new Date(endMs) }, by);
}

/** Credentials that say themselves how they are to be checked: not at all, or by what everybody knows. */
export async function selfStyled(whose: Whose, { id, certificate }: HeldAuthority): Promise<string[]> {
  const encoder = new TextEncoder();
  const base64url = (bytes: Uint8Array) => bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  const part = (value: unknown) => base64url(encoder.encode(JSON.stringify(value)));
  const nowS = Math.floor(Date.now() / 1_000);
  const payload = part({ iss: whose.cluster, sub: whose.subject, aud: whose.audience, iat: nowS, exp: nowS + 3_600 });
  const unsigned = `${part({ alg: "none", kid: id })}.${payload}.`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(certificate), algorithm, false, ["sign"]);
  const text = `${part({ alg: "HS256", kid: id })}.${payload}`;
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
  return [unsigned, `${text}.${base64url(signature)}`];
}

/** A listener's certificate for this host. */
export function listenerPair(authority: SigningAuthority): Promise<KeyPair> {
  return issuePair(authority, { subject: "controller", hosts: [HOST], validMs: HOUR_MS, nowMs: Date.now() });
}

/** A certificate of the authority that is for clients, and not for listeners. */
export async function clientPair(authority: SigningAuthority): Promise<KeyPair> {
  const keys = await newKeyPair();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: "CN=controller",
    issuer: new x509.X509Certificate(authority.certificate).subject,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: SIGNATURE,
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + HOUR_MS),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: "ip", value: HOST }]),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await privateKeyPem(keys.privateKey) };
}

export interface Impostor extends AsyncDisposable {
  url: string;
  /** How many connections were made to it. */
  knocks: () => number;
  /** What it was sent on the connections on which anything was said to it. */
  got: () => string[];
}

export interface ImpostorOptions {
  /** Where another program was; unless said, a port of its own. */
  port?: number;
  /** What it answers to each request. */
  answer?: string;
}

/** A TLS server that writes down what it is sent. */
export function impostor(
  { certificate: cert, key }: KeyPair,
  { port = 0, answer = "{}" }: ImpostorOptions = {},
): Impostor {
  const listener = Deno.listenTls({ hostname: HOST, port, cert, key });
  const visits: { text: string }[] = [];
  const visiting = new Set<Promise<void>>();
  const reply = `HTTP/1.1 200 OK\r\ncontent-length: ${answer.length}\r\nconnection: close\r\n\r\n${answer}`;
  const accept = async () => {
    for await (const conn of listener) {
      const visit = { text: "" };
      visits.push(visit);
      const over = listen(conn, visit, reply).finally(() => visiting.delete(over));
      visiting.add(over);
    }
  };
  const accepting = accept();
  return {
    url: `https://${HOST}:${(listener.addr as Deno.NetAddr).port}`,
    knocks: () => visits.length,
    got: () => visits.map(({ text }) => text).filter(Boolean),
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await accepting;
      await Promise.all(visiting);
    },
  };
}

/** Until the visitor leaves, or has said all of a request that has no body. */
async function listen(conn: Deno.TlsConn, visit: { text: string }, reply: string): Promise<void> {
  const buffer = new Uint8Array(BYTES_MAX);
  try {
    await conn.handshake();
    while (!visit.text.endsWith("\r\n\r\n")) {
      const count = await conn.read(buffer);
      if (count === null) return;
      visit.text += new TextDecoder().decode(buffer.subarray(0, count));
    }
    await conn.write(new TextEncoder().encode(reply));
  } catch (error) {
    // A visitor who doesn't believe the certificate says so, or just leaves.
    const { InvalidData, ConnectionReset, UnexpectedEof, BrokenPipe } = Deno.errors;
    if (![InvalidData, ConnectionReset, UnexpectedEof, BrokenPipe].some((kind) => error instanceof kind)) throw error;
  } finally {
    conn.close();
  }
}
