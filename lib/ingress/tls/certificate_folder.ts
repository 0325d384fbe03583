/**
 * The certificates in a folder that the operator, or an ACME client, keeps: read when they change, and given on to the
 * threads that speak TLS. A certificate that can't be used, as while it is being written, leaves the former one in use.
 * @module
 */
import { type Clock, pause, systemClock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import { type CertificateFiles, findCertificateFiles } from "./certificate_files.ts";
import type { ServedCertificate } from "./certificates.ts";
import { type Expiry, ExpiryWarnings } from "./expiry_warnings.ts";
import { readCertificate } from "./read_certificate.ts";

const LOOK_MS = 5_000;
const CERTIFICATES_MAX = 1_000;

const log = getLog("ingress");

export interface CertificateFolderOptions {
  readonly onChanged: (certificates: readonly ServedCertificate[]) => void;
  readonly clock?: Pick<Clock, "wall" | "sleep">;
}

/** What is known of one certificate's files. */
interface Known {
  readonly files: CertificateFiles;
  /** Undefined while there has been none that could be used. */
  readonly usable: { readonly certificate: ServedCertificate; readonly expiresMs: number } | undefined;
  /** Whether they were not found when last looked for. */
  readonly isMissing: boolean;
}

export class CertificateFolder {
  readonly #folder: string;
  readonly #options: CertificateFolderOptions;
  readonly #clock: Pick<Clock, "wall" | "sleep">;
  readonly #warnings = new ExpiryWarnings();
  #known: ReadonlyMap<string, Known> = new Map();
  #isFailing = false;

  constructor(folder: string, options: CertificateFolderOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Those in use. For a host that several name, the one that is good for longest comes first. */
  certificates(): ServedCertificate[] {
    return this.#usable().toSorted((a, b) => b.expiresMs - a.expiresMs).map(({ certificate }) => certificate);
  }

  /** When those in use expire. */
  expiries(): Expiry[] {
    return this.#usable().map(({ name, expiresMs }) => ({ name, expiresMs }));
  }

  /** Looks once. Rejects when the folder can't be read. */
  async look(): Promise<void> {
    const found = await findCertificateFiles(this.#folder);
    if (found.length > CERTIFICATES_MAX) {
      throw new Error(`Cannot read certificates: ${this.#folder} holds more than ${CERTIFICATES_MAX}`);
    }
    const former = this.#known;
    const known = new Map<string, Known>();
    for (const files of found) {
      const before = former.get(files.chainPath);
      const isOld = before?.files.stamp === files.stamp;
      known.set(files.chainPath, isOld ? { ...before, isMissing: false } : await readAnew(files, before));
    }
    // Who replaces files one after the other may have removed them first: gone is what is missing twice.
    for (const [path, before] of former) {
      if (!known.has(path) && !before.isMissing) known.set(path, { ...before, isMissing: true });
    }
    if (!known.values().some(({ usable }) => usable !== undefined) && this.#usable().length > 0) {
      throw new Error(`Cannot go by what is in ${this.#folder}: no certificate is left; the former ones stay in use`);
    }
    this.#known = known;
    const isSame = known.size === former.size &&
      known.entries().every(([path, { usable }]) => usable === former.get(path)?.usable);
    if (!isSame) this.#options.onChanged(this.certificates());
    this.#warnings.check(this.expiries(), this.#clock.wall());
  }

  /** Looks again and again. What keeps it from looking is said once, and tried again. */
  async watch({ signal }: { signal: AbortSignal }): Promise<void> {
    while (!signal.aborted) {
      await pause(this.#clock, LOOK_MS, signal);
      if (signal.aborted) return;
      try {
        await this.look();
        this.#isFailing = false;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        if (!this.#isFailing) log.error("Cannot look after the certificates: trying again", { error });
        this.#isFailing = true;
      }
    }
  }

  #usable(): { name: string; certificate: ServedCertificate; expiresMs: number }[] {
    return [...this.#known.values()].flatMap(({ files, usable }) => usable ? [{ name: files.name, ...usable }] : []);
  }
}

/** Rejects, with what to do, when there is no certificate to serve. Calls `onChanged` before it returns. */
export async function openCertificateFolder(
  folder: string,
  options: CertificateFolderOptions,
): Promise<CertificateFolder> {
  const opened = new CertificateFolder(folder, options);
  await opened.look();
  if (opened.certificates().length > 0) return opened;
  throw new Error(
    `Cannot serve TLS: ${folder} holds no certificate that can be used; put <name>.crt and <name>.key there, or ` +
      "folders with fullchain.pem and privkey.pem",
  );
}

async function readAnew(files: CertificateFiles, before: Known | undefined): Promise<Known> {
  const reading = await readCertificate(files);
  const { chainPath, keyPath } = files;
  if (reading.kind === "unusable") {
    const kept = before?.usable === undefined ? "it is left out" : "the former one stays in use";
    log.warn(`Cannot use a certificate: ${kept}`, { file: chainPath, key: keyPath, reason: reading.reason });
    return { files, usable: before?.usable, isMissing: false };
  }
  if (files.isKeyOpenToOthers) log.warn("A key can be read by others on this host: chmod 600", { file: keyPath });
  log.info("A certificate is in use", { file: chainPath, hosts: reading.certificate.hosts });
  return { files, usable: reading, isMissing: false };
}
