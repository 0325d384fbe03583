/**
 * PEM (RFC 7468) as far as Muster needs it: bytes between two lines that say what they are, and the digest by which a
 * certificate is known.
 * @module
 */

const LINE_LENGTH = 64;

export type PemLabel = "CERTIFICATE" | "PRIVATE KEY";

export function pemOf(label: PemLabel, bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(new RegExp(`.{1,${LINE_LENGTH}}`, "g")) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** The bytes of the first part of that kind; undefined when there is none. */
export function bytesIn(label: PemLabel, pem: string): Uint8Array<ArrayBuffer> | undefined {
  const [, base64] = new RegExp(`-----BEGIN ${label}-----([^-]*)-----END ${label}-----`).exec(pem) ?? [];
  if (base64 === undefined) return undefined;
  try {
    return Uint8Array.fromBase64(base64);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What a certificate is known by: its SHA-256, in base64url. Undefined when the text holds none. */
export async function digestOf(certificate: string): Promise<string | undefined> {
  const bytes = bytesIn("CERTIFICATE", certificate);
  if (bytes === undefined) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toBase64({ alphabet: "base64url", omitPadding: true });
}
