/**
 * A new key and the request to certify it. Loaded only when that is needed: the library takes memory that an agent has
 * better uses for.
 * @module
 */
import "reflect-metadata";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import { newKeyPair, privateKeyPem, SIGNATURE } from "../../wire/keys.ts";

export interface KeyToCertify {
  /** PKCS #8, in PEM. */
  key: string;
  /** PKCS #10, in PEM. */
  request: string;
}

/** Makes both. Whose key it is and where it listens, the authority finds out by itself. */
export async function newKeyToCertify(): Promise<KeyToCertify> {
  const keys = await newKeyPair();
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: "CN=node",
    keys,
    signingAlgorithm: SIGNATURE,
  });
  return { key: await privateKeyPem(keys.privateKey), request: request.toString("pem") };
}
