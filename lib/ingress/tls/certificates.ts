/**
 * The certificates that a TLS port shows, and which of them a client gets that comes for a host. All of it can be posted:
 * one thread reads files and knows X.509, those that speak to clients get this. Pure.
 * @module
 */

/** A certificate with its key, both in PEM. Never changed, only replaced. */
export interface ServedCertificate {
  /** Hosts that it is for, in lower case: `web.example.org`, `*.example.org`, `192.0.2.1`, `::1`. */
  readonly hosts: readonly string[];
  /** The host's own certificate first, then those that vouch for it. */
  readonly chain: string;
  readonly key: string;
}

export interface Certificates {
  /** Where several are for one host, the first one counts. */
  readonly served: readonly ServedCertificate[];
  /** Whose certificate a client gets that comes for no host that is known; undefined: it is turned away. */
  readonly defaultHost: string | undefined;
}

/** Which certificate is for which host. `T` is whatever stands for a certificate. */
export class HostCertificates<T> {
  readonly #byHost = new Map<string, T>();
  readonly #default: T | undefined;

  constructor(certificates: Iterable<readonly [readonly string[], T]>, defaultHost: string | undefined) {
    for (const [hosts, certificate] of certificates) {
      for (const host of hosts) if (!this.#byHost.has(host)) this.#byHost.set(host, certificate);
    }
    this.#default = defaultHost === undefined ? undefined : this.#known(defaultHost);
  }

  /** The host's own certificate, or one for all hosts of its domain, or else the default one. */
  find(host: string | undefined): T | undefined {
    return (host === undefined ? undefined : this.#known(host)) ?? this.#default;
  }

  #known(host: string): T | undefined {
    return this.#byHost.get(host) ?? this.#byHost.get(wildcardOf(host));
  }
}

/** Whether a certificate with those hosts is for that one. */
export function isFor(hosts: readonly string[], host: string): boolean {
  return hosts.includes(host) || hosts.includes(wildcardOf(host));
}

/** A star stands for exactly one label (RFC 6125, 6.4.3). */
function wildcardOf(host: string): string {
  const dot = host.indexOf(".");
  return dot < 0 ? "" : `*${host.slice(dot)}`;
}
