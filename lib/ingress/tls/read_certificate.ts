/**
 * Makes a certificate that can be served out of its two files, or says why that isn't possible. Whether TLS can be spoken
 * with it, only the runtime knows for certain: it is tried.
 * @module
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { bytesIn } from "../../wire/pem.ts";
import type { CertificateFiles } from "./certificate_files.ts";
import type { ServedCertificate } from "./certificates.ts";

/** A long chain has 10 KiB. */
const FILE_BYTES_MAX = 262_144;

export type CertificateReading =
  | { readonly kind: "usable"; readonly certificate: ServedCertificate; readonly expiresMs: number }
  | { readonly kind: "unusable"; readonly reason: string };

export async function readCertificate({ chainPath, keyPath }: CertificateFiles): Promise<CertificateReading> {
  try {
    return certificateIn(await readBounded(chainPath), await readBounded(keyPath));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return unusable("its certificate or its key is missing");
    if (error instanceof Deno.errors.PermissionDenied) return unusable("it may not be read by this program");
    if (error instanceof TooLarge) return unusable(error.message);
    throw error;
  }
}

/** From texts in PEM. */
export function certificateIn(chain: string, key: string): CertificateReading {
  const hostsAndEnd = readHosts(chain);
  if (hostsAndEnd === undefined) return unusable("it holds no certificate, or a broken one");
  const { hosts, expiresMs } = hostsAndEnd;
  if (hosts.length === 0) return unusable("it names no host: a certificate needs a subjectAltName");
  const reason = whyNoTls(chain, key);
  return reason === undefined ? { kind: "usable", certificate: { hosts, chain, key }, expiresMs } : unusable(reason);
}

/** What the first certificate says; undefined when it can't be read. */
function readHosts(chain: string): { hosts: string[]; expiresMs: number } | undefined {
  const bytes = bytesIn("CERTIFICATE", chain);
  if (bytes === undefined) return undefined;
  try {
    const leaf = new x509.X509Certificate(bytes);
    const names = leaf.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
    const hosts = names.flatMap(({ type, value }) =>
      type === "dns" ? [value.toLowerCase()] : type === "ip" ? [addressOf(value)] : []
    );
    return { hosts: [...new Set(hosts)], expiresMs: leaf.notAfter.getTime() };
  } catch (error) {
    // What the parser throws for bytes that are no certificate has no class in common.
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

/** In the shortest way to write it, which the system has as well. */
function addressOf(text: string): string {
  return text.includes(":") ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text;
}

/** What the runtime says against it. */
function whyNoTls(cert: string, key: string): string | undefined {
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message.includes("KeyMismatch") ? "the key is not the certificate's" : error.message;
  }
}

class TooLarge extends Error {}

async function readBounded(path: string): Promise<string> {
  const { size } = await Deno.stat(path);
  if (size > FILE_BYTES_MAX) throw new TooLarge(`a file has more than ${FILE_BYTES_MAX / 1_024} KiB`);
  return await Deno.readTextFile(path);
}

function unusable(reason: string): CertificateReading {
  return { kind: "unusable", reason };
}
