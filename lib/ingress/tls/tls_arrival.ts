/**
 * One connection on a TLS port, from its first byte to its last: the ClientHello is read, the certificate chosen by the
 * name in it, and all that comes is passed on to where this process speaks TLS with that certificate. Who doesn't speak
 * TLS is told so in the way that it will understand.
 * @module
 */
import { isDisconnect } from "../../runtime/disconnect.ts";
import { getLog } from "../../runtime/log.ts";
import { encodeResponseHead } from "../../wire/http1/encode.ts";
import { splice } from "../tcp/splice.ts";
import { Channel } from "../upstream/channel.ts";
import { isFor, type ServedCertificate } from "./certificates.ts";
import { type ClientHello, ClientHelloReader } from "./client_hello.ts";
import type { InnerListener, Passage } from "./inner_listener.ts";

/** A client that was refused is read on, so that it can read why, but not for ever. */
const DRAIN_BYTES_MAX = 65_536;
const NOTHING = new Uint8Array(0);
const [DECODE_ERROR, INTERNAL_ERROR, UNRECOGNIZED_NAME] = [50, 80, 112];
const PLAIN_TEXT = "This port speaks TLS: use https://\n";
const PLAIN_ANSWER = new TextEncoder().encode(
  new TextDecoder().decode(encodeResponseHead({
    status: 400,
    fields: [["Content-Type", "text/plain"], ["Content-Length", `${PLAIN_TEXT.length}`], ["Connection", "close"]],
  })) + PLAIN_TEXT,
);

const log = getLog("ingress");

/** Who is at the other end of a connection, as it is given on. */
export interface TlsClient {
  readonly address: string;
  /** The host that it came for, in lower case; undefined where it didn't say. */
  readonly name: string | undefined;
  /** What was agreed on within TLS; undefined where the client doesn't choose. */
  readonly alpn: string | undefined;
  /** Whether a request for that host may come this way. Else the answer is 421: the client was shown another's name. */
  readonly covers: (host: string) => boolean;
}

export interface ArrivalParts {
  readonly find: (host: string | undefined) => InnerListener | undefined;
  /** Resolves when the connection is over, and closed. */
  readonly onConnection: (conn: Deno.TlsConn, client: TlsClient) => Promise<void>;
  /** TLS is agreed on. */
  readonly onSecured: () => void;
  /** From the first byte until then. */
  readonly handshakeMs: number;
  /** For how long a client may take what it was sent last. */
  readonly lingerMs: number;
}

/**
 * How it went: TLS was agreed on, or the client did not speak it, spoke it wrongly, came for a host without a
 * certificate, agreed to nothing, took too long, or left before; or the ingress had no means left or was closed.
 */
export type ArrivalEnd = "secured" | "foreign" | "malformed" | "unknown" | "failed" | "late" | "left" | "short" | "cut";

export class TlsArrival {
  readonly #parts: ArrivalParts;
  readonly #client: Channel;
  readonly #addresses: { readonly client: string; readonly own: string };
  #outside: Channel | undefined;
  /** The first cause of its end. */
  #end: ArrivalEnd | undefined;

  constructor(conn: Deno.TcpConn, parts: ArrivalParts) {
    this.#parts = parts;
    conn.setNoDelay(true);
    this.#client = new Channel(conn);
    this.#addresses = { client: conn.remoteAddr.hostname, own: conn.localAddr.hostname };
  }

  /** Resolves when it is over and closed. Rejects on bugs only. */
  async run(): Promise<ArrivalEnd> {
    const deadline = setTimeout(() => this.cut("late"), this.#parts.handshakeMs);
    try {
      const reader = new ClientHelloReader();
      const hello = await this.#hear(reader);
      if (hello === undefined) return this.#end ??= "left";
      const passage = await this.#reach(hello.name);
      if (passage === undefined) return this.#end ??= "short";
      const carrying = this.#carry(passage.outside, reader.bytes);
      const serving = this.#secure(passage, hello).finally(() => clearTimeout(deadline));
      await this.#serve(serving, passage.inside);
      const linger = setTimeout(() => this.cut(), this.#parts.lingerMs);
      await carrying;
      clearTimeout(linger);
      return this.#end ??= "secured";
    } finally {
      clearTimeout(deadline);
      this.#client.close();
    }
  }
}
