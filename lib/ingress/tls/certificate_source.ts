/**
 * Where the certificates of the TLS ports come from: the operator's folder, or, where none is given, an authority of this
 * host's own that is good enough for a lab.
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import { openCertificateFolder } from "./certificate_folder.ts";
import type { Certificates } from "./certificates.ts";
import { labCertificate } from "./lab_authority.ts";

/** How often the lab's certificate is looked at, which is renewed long before its end. */
const LAB_LOOK_MS = 12 * 3_600_000;
/** New hosts often come together. */
const GATHER_MS = 1_000;

const log = getLog("ingress");

export interface CertificateSourceOptions {
  /** The operator's. */
  folder: string | undefined;
  /** Where the lab's own are kept. */
  labFolder: string;
  clock: Clock;
  signal: AbortSignal;
  onChanged: (certificates: Certificates) => void;
}

export interface CertificateSource {
  readonly certificates: Certificates;
  /** The routes name these hosts now. */
  setHosts(hosts: ReadonlySet<string>): void;
}

/** Rejects when the folder can't be read. */
export function openCertificates(options: CertificateSourceOptions): Promise<CertificateSource> {
  return options.folder === undefined ? openLab(options) : openFolder(options.folder, options);
}

async function openFolder(
  path: string,
  { clock, signal, onChanged }: CertificateSourceOptions,
): Promise<CertificateSource> {
  const folder = await openCertificateFolder(path, {
    clock,
    onChanged: (served) => onChanged({ served, defaultHost: undefined }),
  });
  watched(folder.watch({ signal }), signal);
  return { certificates: { served: folder.certificates(), defaultHost: undefined }, setHosts: () => {} };
}

async function openLab({ labFolder, clock, signal, onChanged }: CertificateSourceOptions): Promise<CertificateSource> {
  let hosts: ReadonlySet<string> = new Set();
  let hasNews = Promise.withResolvers<void>();
  const read = async (): Promise<Certificates> => ({
    served: [await labCertificate({ folder: labFolder, hosts: [...hosts], clock })],
    defaultHost: "localhost",
  });
  const follow = async () => {
    while (!signal.aborted) {
      await Promise.race([hasNews.promise, clock.sleep(LAB_LOOK_MS, { signal })]);
      await clock.sleep(GATHER_MS, { signal });
      hasNews = Promise.withResolvers();
      onChanged(await read());
    }
  };
  const certificates = await read();
  watched(follow(), signal);
  return {
    certificates,
    setHosts(named) {
      if (named.isSubsetOf(hosts)) return;
      hosts = hosts.union(named);
      hasNews.resolve();
    },
  };
}

function watched(watching: Promise<void>, signal: AbortSignal): void {
  watching.catch((error) => {
    if (!signal.aborted) log.error("Certificates are not followed any more: those in use stay", { error });
  });
}
