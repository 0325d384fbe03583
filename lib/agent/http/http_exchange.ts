/**
 * One client's connection from accept to close: reads a head, gives it to whom it is for (handler, tunnel, proxy),
 * sends the reply, and again. Deadlines are two numbers that the server's sweep compares with the clock, so that a
 * request costs no timer.
 * @module
 */
import { isDisconnect } from "../../runtime/disconnect.ts";
import { CONTINUE, encodeResponseHead } from "../../wire/http1/encode.ts";
import type { DataEvent, EndEvent, ErrorEvent, RequestHead } from "../../wire/http1/event.ts";
import { RequestReader } from "../../wire/http1/request.ts";
import { HttpConnection } from "./http_connection.ts";
import type { HttpLimits } from "./http_limits.ts";
import { BodyError, type HttpHandler, type HttpReply, problem } from "./http_message.ts";
import { sendReply } from "./http_reply.ts";
import { ReceivedRequest, type RequestSource } from "./http_request.ts";

/** Heads and small bodies fit; a tunnel brings buffers of its own. */
const READ_BUFFER_BYTES = 8_192;
/** How much of a refused client's bytes is read and dropped. */
const LINGER_BYTES_MAX = 1_048_576;

/** Carries a tunnel until both sides have ended; `early` came right behind the CONNECT. */
export type CarryTunnel = (conn: Deno.Conn, early: Uint8Array) => Promise<void>;

/** One proxied request: its body as events, and the way back to its client. */
export interface ProxyExchange {
  readonly signal: AbortSignal;
  bodyEvent(): Promise<DataEvent | EndEvent | ErrorEvent>;
  write(bytes: Uint8Array): Promise<void>;
  /** Answers without a replica. Resolves to whether the connection may be kept. */
  reply(reply: HttpReply): Promise<boolean>;
}

/** Who answers what. */
export interface HttpHooks {
  readonly handler: HttpHandler;
  /** For CONNECT: a refusal, or what carries the bytes once 200 has been sent. Without it 405. */
  readonly onTunnel?: (head: RequestHead) => HttpReply | CarryTunnel | Promise<HttpReply | CarryTunnel>;
  /** For requests in absolute form. Resolves to whether the connection may be kept. Without it the handler answers. */
  readonly onProxy?: (head: RequestHead, exchange: ProxyExchange) => Promise<boolean>;
  /** Told of what a handler threw or a socket should not have done. */
  readonly onError: (error: unknown) => void;
}

/** Where a connection is between two requests; `busy` ones are left to finish by a drain. */
export type Phase = "idle" | "head" | "busy";

export class HttpExchange implements RequestSource, ProxyExchange {
  readonly remote: Deno.Addr;
  readonly bodyBytesMax: number;
  phase: Phase = "idle";
  /** Monotonic time at which the client is late, with bytes it sends and with bytes it takes. */
  readDeadlineAt: number;
  writeDeadlineAt = Infinity;
  /** Set by a drain: the reply under way is the last. */
  last = false;

  #http: HttpConnection<RequestHead, RequestReader>;
  #hooks: HttpHooks;
  #limits: HttpLimits;
  #onPhase: (exchange: HttpExchange) => void;
  #head: RequestHead | undefined;
  #bodyEnded = false;
  #bodyBytes = 0;
  #bodyWaitedMs = 0;
  #continueDue = false;
  #proxied = false;
  #gone = false;
  #controller: AbortController | undefined;

  constructor(
    conn: Deno.Conn,
    options: { hooks: HttpHooks; limits: HttpLimits; onPhase: (exchange: HttpExchange) => void },
  ) {
    this.#http = new HttpConnection(conn, new RequestReader(), { bufferBytes: READ_BUFFER_BYTES });
    this.remote = conn.remoteAddr;
    this.#hooks = options.hooks;
    this.#limits = options.limits;
    this.#onPhase = options.onPhase;
    this.bodyBytesMax = options.limits.bodyBytesMax;
    this.readDeadlineAt = performance.now() + options.limits.headMs;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#gone) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Serves until the connection ends. Never rejects. */
  async run(): Promise<void> {
    try {
      while (await this.#serveOne() && !this.last);
    } catch (error) {
      if (!isDisconnect(error)) this.#hooks.onError(error);
    } finally {
      this.close();
    }
  }

  /** Ends the connection now. */
  close(): void {
    this.#leave();
    this.#http.close();
  }

  /** Ends a connection whose client is late; one that is in the middle of a head is told so. */
  async expire(): Promise<void> {
    try {
      if (this.phase === "head" && this.writeDeadlineAt === Infinity) {
        this.readDeadlineAt = Infinity;
        await this.reply(problem(408, "Request Timeout"));
      }
    } catch (error) {
      if (!isDisconnect(error)) this.#hooks.onError(error);
    } finally {
      this.close();
    }
  }

  async bodyEvent(): Promise<DataEvent | EndEvent | ErrorEvent> {
    if (this.#bodyEnded) return { kind: "end", trailers: [] };
    if (this.#continueDue) {
      this.#continueDue = false;
      if (this.#http.reader.buffered === 0) await this.write(CONTINUE);
    }
    let event = this.#http.reader.next();
    while (event === undefined && !this.#http.ended) {
      await this.#waitForBody();
      event = this.#http.reader.next();
    }
    if (event?.kind === "data") this.#bodyBytes += event.bytes.length;
    else if (event?.kind === "end") this.#endBody();
    else this.last = true;
    if (event?.kind === "data" || event?.kind === "end" || event?.kind === "error") return event;
    return { kind: "error", status: 400, detail: "the connection ended within the body" };
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      this.writeDeadlineAt = performance.now() + this.#limits.writeStallMs;
      at += await this.#http.conn.write(at === 0 ? bytes : bytes.subarray(at));
    }
    this.writeDeadlineAt = Infinity;
  }

  async reply(reply: HttpReply): Promise<boolean> {
    this.#skipBufferedBody();
    const head = this.#head;
    const keepAlive = head !== undefined && head.keepAlive && this.#bodyEnded && !this.last;
    return await sendReply(reply, { head, keepAlive, write: (bytes) => this.write(bytes), gone: () => this.signal });
  }

  async #serveOne(): Promise<boolean> {
    const head = await this.#nextHead();
    if (head === undefined) return false;
    this.#setPhase("busy");
    this.readDeadlineAt = Infinity;
    if (head.kind === "error") {
      await this.reply(problem(head.status, "The request can't be read", { detail: head.detail }));
      await this.#linger();
      return false;
    }
    this.#begin(head);
    if (head.form === "authority") return await this.#tunnel(head);
    const keep = head.form === "absolute" && this.#hooks.onProxy
      ? await this.#proxy(head, this.#hooks.onProxy)
      : await this.#handle(head);
    if (keep && this.#bodyEnded) return true;
    if (!this.#bodyEnded || this.#http.reader.buffered > 0) await this.#linger();
    return false;
  }

  async #nextHead(): Promise<RequestHead | ErrorEvent | undefined> {
    this.#head = undefined;
    this.#bodyEnded = false;
    if (this.phase === "busy") this.readDeadlineAt = performance.now() + this.#limits.idleMs;
    this.#setPhase("idle");
    for (;;) {
      const event = this.#http.reader.next();
      if (event?.kind === "request" || event?.kind === "error") return event;
      if (event !== undefined) return undefined;
      if (this.phase === "idle" && this.#http.reader.buffered > 0) {
        this.#setPhase("head");
        this.readDeadlineAt = performance.now() + this.#limits.headMs;
      }
      await this.#http.fill();
    }
  }

  #begin(head: RequestHead): void {
    this.#head = head;
    this.#controller = undefined;
    this.#bodyBytes = 0;
    this.#bodyWaitedMs = 0;
    this.#proxied = false;
    this.#continueDue = head.expectContinue;
    if (head.framing.kind === "none") {
      this.#http.reader.next();
      this.#endBody();
    }
  }

  async #handle(head: RequestHead): Promise<boolean> {
    if (head.framing.kind === "length" && head.framing.bytes > this.bodyBytesMax) {
      return await this.reply(tooLarge(`the body is longer than ${this.bodyBytesMax} bytes`));
    }
    let reply: HttpReply;
    try {
      reply = await this.#hooks.handler(new ReceivedRequest(head, this));
    } catch (error) {
      if (error instanceof BodyError) {
        reply = error.status === 413 ? tooLarge(error.message) : problem(400, "Bad Request", { detail: error.message });
      } else {
        this.#hooks.onError(error);
        reply = problem(500, "Internal Server Error");
      }
    }
    return await this.reply(reply);
  }

  async #proxy(head: RequestHead, onProxy: NonNullable<HttpHooks["onProxy"]>): Promise<boolean> {
    // Whether to ask for the body is the replica's to say, and its pace too: the edge keeps the floor.
    this.#continueDue = false;
    this.#proxied = true;
    return await onProxy(head, this);
  }

  async #tunnel(head: RequestHead): Promise<false> {
    const carry = await this.#hooks.onTunnel?.(head) ??
      problem(405, "Method Not Allowed", { headers: { allow: "GET, POST, PUT" } });
    if (typeof carry !== "function") {
      await this.reply(carry);
      await this.#linger();
      return false;
    }
    try {
      await this.write(encodeResponseHead({ status: 200, fields: [] }));
    } finally {
      // Also when the client has left by now: what was opened for it must be closed by its owner.
      await carry(this.#http.conn, this.#http.reader.rest());
    }
    return false;
  }

  #endBody(): void {
    this.#bodyEnded = true;
    this.#http.watch((found) => {
      if (found === "gone") this.#leave();
    });
  }

  /** Reads once, within what a body's slowness has left of its time. */
  async #waitForBody(): Promise<void> {
    const { bodyGraceMs, bodyBytesPerSecondMin } = this.#limits;
    const since = performance.now();
    const allowedMs = bodyGraceMs + this.#bodyBytes * 1_000 / bodyBytesPerSecondMin;
    this.readDeadlineAt = this.#proxied ? Infinity : since + allowedMs - this.#bodyWaitedMs;
    await this.#http.fill();
    this.readDeadlineAt = Infinity;
    this.#bodyWaitedMs += performance.now() - since;
  }

  /** A body that nobody read but that has arrived already need not cost the connection. */
  #skipBufferedBody(): void {
    while (this.#head !== undefined && this.#head.framing.kind !== "tunnel" && !this.#bodyEnded) {
      const event = this.#http.reader.next();
      if (event?.kind === "end") this.#endBody();
      else if (event?.kind !== "data") return;
    }
  }

  /** Ends our side and waits a moment for the client's: closing over unread bytes would reset the reply away. */
  async #linger(): Promise<void> {
    this.#setPhase("idle");
    this.readDeadlineAt = performance.now() + this.#limits.lingerMs;
    await this.#http.conn.closeWrite();
    let dropped = this.#http.reader.rest().length;
    while (dropped < LINGER_BYTES_MAX) {
      await this.#http.fill();
      const read = this.#http.reader.rest().length;
      if (read === 0) return;
      dropped += read;
    }
  }

  #setPhase(phase: Phase): void {
    this.phase = phase;
    this.#onPhase(this);
  }

  #leave(): void {
    this.#gone = true;
    this.#controller?.abort();
  }
}

function tooLarge(detail: string): HttpReply {
  return problem(413, "Content Too Large", { detail });
}
