/**
 * A client's connection that speaks HTTP/1.1: requests are read from it one after the other, and answers written. It
 * knows what it waits for and for how long it may; the sweep ends what takes too long. Who is on the other side, and
 * whether by TLS, is known when it begins.
 * @module
 */
import { encodeResponseHead } from "../../../wire/http1/encode.ts";
import type { DataEvent, EndEvent, ErrorEvent, InterimHead, RequestHead, Version } from "../../../wire/http1/event.ts";
import type { Fields } from "../../../wire/http1/fields.ts";
import { RequestReader } from "../../../wire/http1/request.ts";
import type { Peer } from "../../seen/peer_address.ts";
import type { Channel, Read } from "../../upstream/channel.ts";
import type { EngineLimits } from "../limits.ts";
import { AnswerWriter } from "./answer_writer.ts";
import type { Answer, Asker, HandedOver } from "./asker.ts";
import type { Connected } from "./edge.ts";
import { Pace } from "./pace.ts";

export interface Client {
  /** Whoever connected. */
  peer: Peer;
  isTls: boolean;
  /** Whether requests for that host may come this way; any, unless said. */
  covers?: (host: string) => boolean;
}

export interface ClientOptions extends Client {
  limits: EngineLimits;
  now: () => number;
  /** Whether requests are taken at all, as they are until the engine ends. */
  isOpen: () => boolean;
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

/** What a client is told whose head does not come to its end. */
const TOO_LATE = encodeResponseHead({ status: 408, fields: [["Content-Length", "0"], ["Connection", "close"]] });
/** How often a client's pace is looked at, in the time that it may be slow. */
const LOOKS = 4;
/** The system takes large pieces from us, and says so only when most of one has been read: that looks slower than it is. */
const TAKING_PATIENCE = 3;

export class Http1Client implements Asker, Connected {
  readonly channel: Channel;
  readonly peer: Peer;
  readonly isTls: boolean;
  readonly covers: ((host: string) => boolean) | undefined;
  readonly #options: ClientOptions;
  readonly #reader = new RequestReader();
  readonly #answer = new AnswerWriter();
  readonly #sending = new Pace();
  readonly #taking = new Pace();
  /** What had been written when the present piece began, or was last looked at. */
  #takenBefore: number | undefined;
  #phase: Phase = "idle";
  #phaseDueMs: number;
  #version: Version = "1.1";
  #requests = 0;
  /** It waits to be told that its content is wanted. */
  #isHeldBack = false;
  #isContentOver = true;
  /** A read that was begun early, to notice when it goes. */
  #ahead: Promise<Read> | undefined;
  #received = 0;
  #sent = 0;
  /** What had been sent when the present answer began. */
  #sentBefore = 0;
  /** What its socket had carried when it was handed over. */
  #carriedBefore: { read: number; written: number } | undefined;
  answerDueMs = Infinity;
  onAnswerDue: () => void = () => {};
  onGone: () => void = () => {};

  constructor(channel: Channel, options: ClientOptions) {
    this.channel = channel;
    this.peer = options.peer;
    this.isTls = options.isTls;
    this.covers = options.covers;
    this.#options = options;
    this.#phaseDueMs = options.now() + options.limits.idleMs;
  }

  get protocol(): string {
    return `HTTP/${this.#version}`;
  }

  get received(): number {
    return this.#received + (this.#carriedBefore ? this.channel.bytesRead - this.#carriedBefore.read : 0);
  }

  get sent(): number {
    return this.#sent + (this.#carriedBefore ? this.channel.bytesWritten - this.#carriedBefore.written : 0);
  }

  get goesOn(): boolean {
    const { limits, isOpen } = this.#options;
    return this.#requests < limits.requestsMax && !this.#answer.endsByClose && isOpen();
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
        this.#requests += 1;
        this.#version = event.version;
        this.#isHeldBack = event.expectContinue;
        this.#isContentOver = false;
        this.#enter("exchange", this.#options.limits.slowMs / LOOKS);
        return event;
      }
      if (event?.kind === "error") return event;
      if (event !== undefined) return undefined;
      if (this.#phase === "exchange") this.#rest();
      // Its first bytes may have come with the request before it.
      if (this.#phase === "idle" && !this.#reader.idle) this.#enter("head", this.#options.limits.headMs);
      this.#take(await this.#read());
    }
  }

  contentNow(): DataEvent | EndEvent | ErrorEvent | undefined {
    const event = this.#reader.next();
    if (event?.kind === "end") this.#isContentOver = true;
    if (event?.kind === "data") this.#received += event.bytes.length;
    return event?.kind === "request" || event?.kind === "closed" ? undefined : event;
  }

  async content(): Promise<DataEvent | EndEvent | ErrorEvent> {
    for (;;) {
      const event = this.contentNow();
      if (event !== undefined) return event;
      const { now } = this.#options;
      // Who waits for a 100 is not slow.
      if (!this.#isHeldBack) this.#sending.begin(now());
      const read = await this.#read();
      this.#isHeldBack = false;
      this.#sending.end(now(), typeof read === "string" ? 0 : read.length);
      this.#take(read);
    }
  }

  async interim(head: Pick<InterimHead, "status" | "reason" | "fields">): Promise<boolean> {
    const isSent = await this.write(encodeResponseHead(head));
    if (head.status === 100 && this.#isHeldBack) {
      this.#isHeldBack = false;
      this.#sending.begin(this.#options.now());
    }
    return isSent;
  }

  begin(answer: Answer): void {
    this.#sentBefore = this.#sent;
    this.#answer.begin(answer, this.#version);
  }

  data(bytes: Uint8Array): void {
    this.#sent += bytes.length;
    this.#answer.data(bytes);
  }

  end(trailers: Fields): void {
    this.#answer.end(trailers);
  }

  takeBack(): void {
    this.#sent = this.#sentBefore;
    this.#answer.takeBack();
  }

  flush(): Promise<boolean> {
    return this.#answer.sendTo(this);
  }

  /** Writes bytes as they are; resolves to whether all have gone out. */
  async write(bytes: Uint8Array): Promise<boolean> {
    const { now } = this.#options;
    this.#taking.begin(now());
    this.#takenBefore = this.channel.bytesWritten;
    const isSent = await this.channel.write(bytes);
    this.#taking.end(now(), this.channel.bytesWritten - this.#takenBefore);
    this.#takenBefore = undefined;
    return isSent;
  }

  handOver(): HandedOver {
    this.#enter("handed over", Infinity);
    const { channel } = this;
    const early = this.#reader.rest();
    this.#carriedBefore = { read: channel.bytesRead - early.length, written: channel.bytesWritten };
    return { channel, early, ahead: this.#ahead };
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

  closeIfIdle(): void {
    if (this.#phase === "idle") this.close();
  }

  close(): void {
    const isAnswered = this.#phase === "exchange" || this.#phase === "handed over";
    this.#over();
    this.channel.close();
    if (isAnswered) this.onGone();
  }

  #phaseDue(nowMs: number): void {
    const { limits } = this.#options;
    if (this.#phase === "exchange") {
      this.#phaseDueMs = nowMs + limits.slowMs / LOOKS;
      this.#noteTaken(nowMs);
      this.#watch();
      const taking = { ...limits, slowMs: limits.slowMs * TAKING_PATIENCE };
      if (this.#sending.isSlow(nowMs, limits) || this.#taking.isSlow(nowMs, taking)) this.close();
    } else if (this.#phase === "head") {
      this.#over();
      void this.channel.write(TOO_LATE).then(() => this.channel.close());
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

  /** Who is answered for long is watched: that it has gone shows in a read only. What it sends meanwhile is kept. */
  #watch(): void {
    if (!this.#isContentOver || this.#ahead !== undefined || this.#reader.buffered > 0) return;
    this.#ahead = this.channel.read();
    // Its end alone may mean that it has no more to say, and listens.
    void this.#ahead.then((read) => read === "cut" && this.#phase === "exchange" && this.onGone());
  }

  #read(): Promise<Read> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return ahead ?? this.channel.read();
  }

  #take(read: Read): void {
    if (typeof read === "string") this.#reader.finish(read);
    else this.#reader.push(read);
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
