/**
 * Keys of the cluster's programs: ECDSA over P-256, as PKCS #8 where they are kept and SPKI where they are shown.
 * @module
 */
import { bytesIn, pemOf } from "./pem.ts";

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
export const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** Whether what was made may leave the runtime: to be kept in a file, it has to. */
const EXTRACTABLE = true;
const CONFINED = false;

/** A new pair, whose private key can be kept. */
export async function newKeyPair(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(CURVE, EXTRACTABLE, ["sign", "verify"]);
}

/** A private key as it is kept, in PEM. */
export async function privateKeyPem(key: CryptoKey): Promise<string> {
  return pemOf("PRIVATE KEY", new Uint8Array(await crypto.subtle.exportKey("pkcs8", key)));
}

/** A private key that was kept. Rejects when the text holds none. */
export async function importPrivateKey(pem: string): Promise<CryptoKey> {
  const bytes = bytesIn("PRIVATE KEY", pem);
  if (bytes === undefined) throw new Error("Cannot read a private key: expected PKCS #8 in PEM");
  return await crypto.subtle.importKey("pkcs8", bytes, CURVE, CONFINED, ["sign"]);
}

/** A public key as it is shown: SPKI, in base64. */
export async function publicKeyText(key: CryptoKey): Promise<string> {
  return new Uint8Array(await crypto.subtle.exportKey("spki", key)).toBase64();
}

export async function importPublicKey(text: string): Promise<CryptoKey> {
  return await crypto.subtle.importKey("spki", Uint8Array.fromBase64(text), CURVE, EXTRACTABLE, ["verify"]);
}

/** For libraries that import keys themselves. */
export const KEY_ALGORITHM = CURVE;
