/**
 * Where this process speaks TLS with one certificate: a listener on loopback to which only the process itself connects,
 * as `Deno.listenTls` takes one certificate and no connection that is there already. `connect()` gives both ends of a new
 * connection: what a client has sent goes in at the outside, and the inside has it decrypted.
 * @module
 */
import { isDisconnect } from "../../runtime/disconnect.ts";
import { acceptEach } from "./accept_each.ts";
import type { ServedCertificate } from "./certificates.ts";
import { Rendezvous } from "./rendezvous.ts";

const LOOPBACK = "127.0.0.1";

/** Both ends of a connection that never leaves the process. */
export interface Passage {
  readonly outside: Deno.TcpConn;
  /**
   * Deno can't tell it to send small writes at once: the second in a row waits for up to 40 ms until the system has
   * acknowledged the first. What is known together has to be written together.
   */
  readonly inside: Deno.TlsConn;
}

export class InnerListener {
  readonly certificate: ServedCertificate;
  readonly #listener: Deno.TlsListener;
  /**
   * Other programs of this host can connect as well: nobody expects them. The runtime closes one that has said nothing
   * only when its other end does.
   */
  readonly #arrivals = new Rendezvous<Deno.TlsConn>((stranger) => stranger.close());
  #pending = 0;
  #isRetired = false;
  #isClosed = false;

  constructor(certificate: ServedCertificate, listener: Deno.TlsListener) {
    this.certificate = certificate;
    this.#listener = listener;
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Takes connections in until it is retired. */
  run(): Promise<void> {
    return acceptEach(this.#listener, (inside) => this.#arrivals.arrive(inside.remoteAddr.port, inside));
  }

  /** Undefined where the system has no socket to give, and from one that is closed. */
  async connect(): Promise<Passage | undefined> {
    if (this.#isClosed) return undefined;
    this.#pending += 1;
    try {
      const outside = await Deno.connect({ hostname: LOOPBACK, port: this.port });
      outside.setNoDelay(true);
      // The other end is often there before this one knows its own port.
      const inside = await this.#arrivals.expect(outside.localAddr.port);
      if (inside !== undefined) return { outside, inside };
      outside.close();
    } catch (error) {
      if (!isDisconnect(error) && !isShortage(error)) throw error;
    } finally {
      this.#pending -= 1;
      this.#closeIfDone();
    }
    return undefined;
  }

  /** Closes once nobody waits for a connection any more. Those that are open live on. */
  retire(): void {
    this.#isRetired = true;
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (!this.#isRetired || this.#pending > 0 || this.#isClosed) return;
    this.#isClosed = true;
    this.#arrivals.clear();
    this.#listener.close();
  }
}

/** Throws when the certificate is of no use, or the system has no socket to give. */
export function openInnerListener(certificate: ServedCertificate, protocols: readonly string[]): InnerListener {
  const { chain: cert, key } = certificate;
  const alpnProtocols = [...protocols];
  return new InnerListener(certificate, Deno.listenTls({ hostname: LOOPBACK, port: 0, cert, key, alpnProtocols }));
}

/** What the system says that has no socket or port left. */
function isShortage(error: unknown): boolean {
  return error instanceof Deno.errors.AddrNotAvailable || error instanceof Deno.errors.ConnectionRefused ||
    (error instanceof Error && "code" in error && (error.code === "EMFILE" || error.code === "ENFILE"));
}
