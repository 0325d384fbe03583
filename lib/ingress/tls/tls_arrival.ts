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
import { isFor } from "./certificates.ts";
import { type ClientHello, ClientHelloReader } from "./client_hello.ts";
import type { InnerListener, Passage } from "./inner_listener.ts";

/** A client that was refused is read on, so that it can read why, but not for ever. */
const DRAIN_BYTES_MAX = 65_536;
const NOTHING = new Uint8Array(0);
const [ALERT_RECORD, FATAL] = [21, 2];
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
  /** For how long, and twice that at most, a client may take nothing of what it was sent last, or not close after it. */
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
  readonly #address: string;
  readonly #ownAddress: string;
  #outside: Channel | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isHeard = false;
  /** The first cause of its end. */
  #end: ArrivalEnd | undefined;

  constructor(conn: Deno.TcpConn, parts: ArrivalParts) {
    this.#parts = parts;
    this.#client = new Channel(conn);
    this.#address = conn.remoteAddr.hostname;
    this.#ownAddress = conn.localAddr.hostname.replace(/^::ffff:/, "");
  }

  /** Resolves when it is over and closed. Rejects on bugs only. */
  async run(): Promise<ArrivalEnd> {
    this.#deadline = setTimeout(() => this.cut("late"), this.#parts.handshakeMs);
    try {
      await this.#begin();
      return this.#end ??= "left";
    } finally {
      clearTimeout(this.#deadline);
      this.#client.close();
    }
  }

  /** Ends it at once. */
  cut(why: "late" | "cut"): void {
    this.#end ??= why;
    this.#client.close();
    this.#outside?.close();
  }

  /** Ends it unless the client has said all that it says first: then it is about to ask for something. */
  cutIfSilent(): void {
    if (!this.#isHeard) this.cut("cut");
  }

  async #begin(): Promise<void> {
    const reader = new ClientHelloReader();
    const hello = await this.#hear(reader);
    if (hello === undefined) return;
    this.#isHeard = true;
    const reached = await this.#reach(hello);
    if (reached === undefined) return;
    const { passage, hosts } = reached;
    await this.#pass(passage, { hello, hosts }, reader.bytes);
  }

  /** Undefined where the client says something else, or nothing. */
  async #hear(reader: ClientHelloReader): Promise<ClientHello | undefined> {
    for (;;) {
      const bytes = await this.#client.read();
      if (typeof bytes === "string") return undefined;
      const read = reader.push(bytes);
      if (read.kind === "hello") return read.hello;
      if (read.kind === "foreign") return await this.#refuse(PLAIN_ANSWER, "foreign");
      if (read.kind === "malformed") {
        log.debug("A client speaks TLS wrongly", { client: this.#address, reason: read.reason });
        return await this.#refuse(alert(DECODE_ERROR), "malformed");
      }
    }
  }

  /**
   * By the name that it came for; who gave an address can't say so, but came to it. It is chosen and asked to connect in
   * one step: by the next, other certificates may be set, and one that nobody has asked is closed.
   */
  #connect({ name = this.#ownAddress }: ClientHello): Reaching | undefined {
    const inner = this.#parts.find(name);
    return inner && { connecting: inner.connect(), hosts: inner.certificate.hosts };
  }

  async #reach(hello: ClientHello): Promise<Reached | undefined> {
    let reaching: Reaching | undefined;
    try {
      reaching = this.#connect(hello);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      log.error("Cannot speak TLS with a certificate", { name: hello.name ?? this.#ownAddress, error });
      return await this.#refuse(alert(INTERNAL_ERROR), "short");
    }
    if (reaching === undefined) return await this.#refuse(alert(UNRECOGNIZED_NAME), "unknown");
    const passage = await reaching.connecting;
    if (passage === undefined) return await this.#refuse(alert(INTERNAL_ERROR), "short");
    this.#outside = new Channel(passage.outside);
    // It may have been cut meanwhile.
    if (!this.#client.isClosed) return { passage, hosts: reaching.hosts };
    this.#outside.close();
    passage.inside.close();
    return undefined;
  }

  async #pass({ inside }: Passage, shown: Shown, bytes: Uint8Array): Promise<void> {
    const outside = this.#outside!;
    const carrying = splice(this.#client, outside, { fromClient: bytes, fromReplica: NOTHING })
      .catch((error) => log.error("Cannot carry a connection", { client: this.#address, error }));
    try {
      await this.#serve(inside, shown);
    } finally {
      closeIfOpen(inside);
      const stop = this.#cutIfStalled();
      await carrying;
      stop();
    }
  }

  /** What was sent last may be on its way for long to a slow client, but must move. Returns what ends the watch. */
  #cutIfStalled(): () => void {
    let seen = -1;
    const timer = setInterval(() => {
      const { bytesWritten } = this.#client;
      if (bytesWritten === seen) this.cut("cut");
      seen = bytesWritten;
    }, this.#parts.lingerMs);
    return () => clearInterval(timer);
  }

  async #serve(inside: Deno.TlsConn, { hello, hosts }: Shown): Promise<void> {
    const { name, ...offered } = hello;
    let alpn: string | null;
    try {
      ({ alpnProtocol: alpn } = await inside.handshake());
    } catch (error) {
      if (!isDisconnect(error)) throw error;
      this.#end ??= "failed";
      log.debug("Cannot agree on TLS with a client", { client: this.#address, name, ...offered, reason: error });
      return;
    }
    clearTimeout(this.#deadline);
    this.#end ??= "secured";
    this.#parts.onSecured();
    const covers = (host: string) => name === undefined || host === name || isFor(hosts, withoutBrackets(host));
    await this.#parts.onConnection(inside, { address: this.#address, name, alpn: alpn ?? undefined, covers });
  }

  /** Says why, and reads on until the client has seen it: what is unread at the end would take the answer along. */
  async #refuse(answer: Uint8Array, why: ArrivalEnd): Promise<undefined> {
    this.#end ??= why;
    if (!await this.#client.write(answer)) return;
    await this.#client.endWriting();
    const most = this.#client.bytesRead + DRAIN_BYTES_MAX;
    while (this.#client.bytesRead < most && typeof await this.#client.read() !== "string");
  }
}

/** A connection to where the chosen certificate is spoken, on its way. */
interface Reaching {
  readonly connecting: Promise<Passage | undefined>;
  readonly hosts: readonly string[];
}

interface Reached {
  readonly passage: Passage;
  readonly hosts: readonly string[];
}

/** What a client came with, and the hosts of the certificate that it gets. */
interface Shown {
  readonly hello: ClientHello;
  readonly hosts: readonly string[];
}

/** A fatal alert, before a version is agreed on. */
function alert(description: number): Uint8Array {
  return Uint8Array.of(ALERT_RECORD, 3, 3, 0, 2, FATAL, description);
}

/** An IPv6 address as it is in certificates. */
function withoutBrackets(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

/** Whoever has served it has closed it, unless it failed. */
function closeIfOpen(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
