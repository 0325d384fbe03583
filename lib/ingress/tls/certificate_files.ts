/**
 * Which certificates lie in a folder: `<name>.crt` or `<name>.pem` with `<name>.key` beside it, and folders in it as ACME
 * clients keep them, with `fullchain.pem` and `privkey.pem`. What the files hold is not read here.
 * @module
 */
import { basename, join } from "node:path";

const CHAIN = /^([^.].*)\.(crt|pem)$/;
const ACME_CHAIN = "fullchain.pem";
const ACME_KEY = "privkey.pem";
/** Whose holder is neither the file's owner nor of its group. */
const OTHERS = 0o007;

/** A certificate's files, of which either may be missing. */
export interface CertificateFiles {
  /** What the operator calls it. */
  readonly name: string;
  readonly chainPath: string;
  readonly keyPath: string;
  /** Another one when a file has changed. */
  readonly stamp: string;
  readonly isKeyOpenToOthers: boolean;
}

/** In the order of their names. Rejects when the folder can't be read. */
export async function findCertificateFiles(folder: string): Promise<CertificateFiles[]> {
  const found: Promise<CertificateFiles | undefined>[] = [acmeFiles(folder)];
  const chains = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (CHAIN.test(name)) chains.push(name);
    else if (!isFile) found.push(acmeFiles(join(folder, name)));
  }
  // Beside the whole chain ACME clients keep its parts.
  if (!chains.includes(ACME_CHAIN)) {
    for (const chain of chains) {
      const keyPath = join(folder, chain.replace(CHAIN, "$1.key"));
      found.push(filesAt({ name: chain.replace(CHAIN, "$1"), chainPath: join(folder, chain), keyPath }));
    }
  }
  const files = (await Promise.all(found)).filter((one) => one !== undefined);
  return files.toSorted((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : a.chainPath < b.chainPath ? -1 : 1);
}

/** Undefined where the folder holds something else. */
async function acmeFiles(folder: string): Promise<CertificateFiles | undefined> {
  const [chainPath, keyPath] = [join(folder, ACME_CHAIN), join(folder, ACME_KEY)];
  if (await statIfThere(chainPath) === undefined) return undefined;
  return await filesAt({ name: basename(folder), chainPath, keyPath });
}

async function filesAt(
  paths: Pick<CertificateFiles, "name" | "chainPath" | "keyPath">,
): Promise<CertificateFiles> {
  const [chain, key] = await Promise.all([statIfThere(paths.chainPath), statIfThere(paths.keyPath)]);
  return { ...paths, stamp: `${stampOf(chain)} ${stampOf(key)}`, isKeyOpenToOthers: ((key?.mode ?? 0) & OTHERS) !== 0 };
}

function stampOf(info: Deno.FileInfo | undefined): string {
  return info === undefined ? "missing" : `${info.mtime?.getTime()}/${info.size}/${info.ino}`;
}

async function statIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
