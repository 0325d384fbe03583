/**
 * What follows from the authorities that are kept: which one signs, and which are trusted.
 * @module
 */
import type { SigningKey, TrustedKey } from "../../wire/credential.ts";
import type { TrustedAuthority } from "../../wire/join.ts";
import { publicKeyText } from "../../wire/keys.ts";
import { digestOf } from "../../wire/pem.ts";
import type { KeptAuthorities, RotationRecord } from "./authority_files.ts";
import { publicKeyOf, readAuthority, type SigningAuthority } from "../../wire/certificates.ts";

export interface Standing {
  signer: SigningAuthority & SigningKey;
  /** The one that signs comes first. */
  trusted: readonly TrustedAuthority[];
  trustedKeys: readonly TrustedKey[];
  rotation: RotationRecord | undefined;
}

export async function standingOf({ authority, next, former, rotation }: KeptAuthorities): Promise<Standing> {
  const certificates = [authority.certificate, next?.certificate, former];
  const known = await Promise.all(certificates.filter((one) => one !== undefined).map(trustedAuthority));
  const id = await idOf(authority.certificate);
  return {
    signer: { id, ...await readAuthority(authority) },
    trusted: known.map(({ trusted }) => trusted),
    trustedKeys: known.map(({ key }) => key),
    rotation,
  };
}

async function trustedAuthority(certificate: string): Promise<{ trusted: TrustedAuthority; key: TrustedKey }> {
  const [id, publicKey] = [await idOf(certificate), await publicKeyOf(certificate)];
  return { trusted: { id, certificate, public_key: await publicKeyText(publicKey) }, key: { id, publicKey } };
}

async function idOf(certificate: string): Promise<string> {
  const id = await digestOf(certificate);
  if (id === undefined) throw new Error("Cannot read the authority: a file in its folder holds no certificate");
  return id;
}
