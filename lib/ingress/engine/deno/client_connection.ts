/**
 * One client's connection: requests are read from it one after the other, and answers written. It knows what it waits
 * for and for how long it may; the sweep ends what takes too long. Who is on the other side, and whether by TLS, is
 * known when it begins.
 * @module
 */
import type { DataEvent, EndEvent, ErrorEvent, RequestHead } from "../../../wire/http1/event.ts";
import { RequestReader } from "../../../wire/http1/request.ts";
import type { Peer } from "../../seen/peer_address.ts";
import type { EngineLimits } from "../limits.ts";
import type { Channel } from "../../upstream/channel.ts";
import { Pace } from "./pace.ts";
import type { Swept } from "./sweep.ts";

export interface Client {
  /** Whoever connected. */
  peer: Peer;
  isTls: boolean;
}

export interface ClientOptions extends Client {
  limits: EngineLimits;
  now: () => number;
  /** Writes what a client is told whose head does not come to its end. */
  tooLate: () => Uint8Array;
}

type Phase =
  /** Nothing of a request has come. */
  | "idle"
  /** A part of its head. */
  | "head"
  /** It is being answered; what it sends is content. */
  | "exchange"
  /** Its bytes are somebody else's now. */
  | "handed over"
  | "over";

export class ClientConnection implements Swept {
  readonly channel: Channel;
  readonly peer: Peer;
  readonly isTls: boolean;
  readonly #options: ClientOptions;
  readonly #reader = new RequestReader();
  readonly #sending = new Pace();
  readonly #taking = new Pace();
  /** What had been written when the present piece began, or was last looked at. */
  #takenBefore: number | undefined;
  #phase: Phase = "idle";
  #phaseDueMs: number;
  /** Requests that have been read. */
  requests = 0;
  /** When what it is answered with has to have begun or gone on; said by the exchange. */
  answerDueMs = Infinity;
  onAnswerDue: () => void = () => {};
  /** Called when it has gone while it is being answered. */
  onGone: () => void = () => {};

  constructor(channel: Channel, options: ClientOptions) {
    this.channel = channel;
    this.peer = options.peer;
    this.isTls = options.isTls;
    this.#options = options;
    this.#phaseDueMs = options.now() + options.limits.idleMs;
  }

  get dueMs(): number {
    return Math.min(this.#phaseDueMs, this.answerDueMs);
  }

  due(nowMs: number): void {
    if (nowMs >= this.#phaseDueMs) this.#phaseDue(nowMs);
    // Also when it has gone, or become a tunnel: what it is answered with must not wait for ever.
    if (nowMs < this.answerDueMs) return;
    this.answerDueMs = Infinity;
    this.onAnswerDue();
  }

  /** Whether its bytes are no requests any more. */
  get isHandedOver(): boolean {
    return this.#phase === "handed over";
  }

  /** The next request's head, or what is wrong with it; undefined when there is none any more. */
  async head(): Promise<RequestHead | ErrorEvent | undefined> {
    for (;;) {
      const event = this.#reader.next();
      if (event?.kind === "request") {
        this.requests += 1;
        this.#enter("exchange", this.#options.limits.slowMs / 4);
        return event;
      }
      if (event?.kind === "error") return event;
      if (event !== undefined) return undefined;
      if (this.#phase === "exchange") this.#rest();
      // Its first bytes may have come with the request before it.
      if (this.#phase === "idle" && !this.#reader.idle) this.#enter("head", this.#options.limits.headMs);
      const read = await this.channel.read();
      if (typeof read === "string") this.#reader.finish(read);
      else this.#reader.push(read);
    }
  }

  /** What has arrived of the content already, without waiting. */
  contentNow(): DataEvent | EndEvent | ErrorEvent | undefined {
    const event = this.#reader.next();
    return event?.kind === "request" || event?.kind === "closed" ? undefined : event;
  }

  /** The next piece of the content; waits for it. */
  async content(): Promise<DataEvent | EndEvent | ErrorEvent> {
    for (;;) {
      const event = this.contentNow();
      if (event !== undefined) return event;
      const { now } = this.#options;
      this.#sending.begin(now());
      const read = await this.channel.read();
      this.#sending.end(now(), typeof read === "string" ? 0 : read.length);
      if (typeof read === "string") this.#reader.finish(read);
      else this.#reader.push(read);
    }
  }

  /** Resolves to whether all has gone out. */
  async send(bytes: Uint8Array): Promise<boolean> {
    const { now } = this.#options;
    this.#taking.begin(now());
    this.#takenBefore = this.channel.bytesWritten;
    const isSent = await this.channel.write(bytes);
    this.#taking.end(now(), this.channel.bytesWritten - this.#takenBefore);
    this.#takenBefore = undefined;
    return isSent;
  }

  /** Hands the socket over, with what was read of it beyond the last request. */
  handOver(): Uint8Array {
    this.#enter("handed over", Infinity);
    return this.#reader.rest();
  }

  /** Refused: reads on for a moment, so that the client can read why before its own bytes make the system cut it off. */
  async linger(): Promise<void> {
    const { limits, now } = this.#options;
    this.#enter("idle", limits.lingerMs);
    await this.channel.endWriting();
    const [untilMs, bytesMax] = [now() + limits.lingerMs, this.channel.bytesRead + limits.lingerBytesMax];
    while (now() < untilMs && this.channel.bytesRead < bytesMax) {
      if (typeof await this.channel.read() === "string") break;
    }
    this.close();
  }

  /** Ends it between two requests. */
  closeIfIdle(): void {
    if (this.#phase === "idle") this.close();
  }

  close(): void {
    this.#over();
    this.channel.close();
  }

  #phaseDue(nowMs: number): void {
    const { limits } = this.#options;
    if (this.#phase === "exchange") {
      this.#phaseDueMs = nowMs + limits.slowMs / 4;
      this.#noteTaken(nowMs);
      if (this.#sending.isSlow(nowMs, limits) || this.#taking.isSlow(nowMs, limits)) this.close();
    } else if (this.#phase === "head") {
      this.#over();
      void this.channel.write(this.#options.tooLate()).then(() => this.channel.close());
    } else if (this.#phase === "idle") {
      this.close();
    }
  }

  /** A large piece takes a slow client long, though it takes some of it all the time. */
  #noteTaken(nowMs: number): void {
    if (this.#takenBefore === undefined) return;
    this.#taking.end(nowMs, this.channel.bytesWritten - this.#takenBefore);
    this.#taking.begin(nowMs);
    this.#takenBefore = this.channel.bytesWritten;
  }

  #rest(): void {
    this.channel.shrink();
    this.#enter("idle", this.#options.limits.idleMs);
  }

  #enter(phase: Phase, forMs: number): void {
    this.#phase = phase;
    this.#phaseDueMs = this.#options.now() + forMs;
  }

  #over(): void {
    this.#phase = "over";
    this.#phaseDueMs = Infinity;
  }
}
