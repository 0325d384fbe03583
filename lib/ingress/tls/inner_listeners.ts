/**
 * The inner listeners of a TLS port, one for each certificate, opened when the first client comes for it. When other
 * certificates are set, those that stay keep their listeners, and what the others have begun is finished.
 * @module
 */
import { type Certificates, HostCertificates, type ServedCertificate } from "./certificates.ts";
import { type InnerListener, openInnerListener } from "./inner_listener.ts";

/** The place of a certificate's listener. */
interface Slot {
  readonly certificate: ServedCertificate;
  listener: InnerListener | undefined;
}

export class InnerListeners {
  readonly #protocols: readonly string[];
  #slots: ReadonlyMap<string, Slot> = new Map();
  #byHost = new HostCertificates<Slot>([], undefined);
  readonly #running = new Set<Promise<void>>();

  constructor(protocols: readonly string[]) {
    this.#protocols = protocols;
  }

  /** Goes by these certificates from now on. */
  set({ served, defaultHost }: Certificates): void {
    const former = this.#slots;
    this.#slots = new Map(served.map((certificate) => {
      const identity = JSON.stringify(certificate);
      return [identity, former.get(identity) ?? { certificate, listener: undefined }];
    }));
    const entries = [...this.#slots.values()].map((slot) => [slot.certificate.hosts, slot] as const);
    this.#byHost = new HostCertificates(entries, defaultHost);
    for (const [identity, { listener }] of former) if (!this.#slots.has(identity)) listener?.retire();
  }

  /** The listener for a host; undefined where no certificate is for it. Throws when it can't be opened. */
  find(host: string | undefined): InnerListener | undefined {
    const slot = this.#byHost.find(host);
    return slot && (slot.listener ??= this.#open(slot.certificate));
  }

  /** Resolves when all are closed: what they have begun is finished first. */
  async close(): Promise<void> {
    this.set({ served: [], defaultHost: undefined });
    await Promise.all(this.#running);
  }

  #open(certificate: ServedCertificate): InnerListener {
    const listener = openInnerListener(certificate, this.#protocols);
    const running = listener.run().finally(() => this.#running.delete(running));
    this.#running.add(running);
    return listener;
  }
}
