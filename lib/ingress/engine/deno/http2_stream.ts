/**
 * One request of a client that speaks HTTP/2, as its exchange sees it. Content that has come is kept until it is taken,
 * and only then may the client send as much again; an answer goes out as far as the client's windows allow.
 * @module
 */
import type { DataEvent, EndEvent, ErrorEvent, InterimHead } from "../../../wire/http1/event.ts";
import type { Fields } from "../../../wire/http1/fields.ts";
import { ErrorCode } from "../../../wire/http2/error_code.ts";
import type { ServerMachine } from "../../../wire/http2/server.ts";
import type { Peer } from "../../seen/peer_address.ts";
import type { Answer, Asker } from "./asker.ts";
import { Inbox } from "./inbox.ts";
import { Pace, type PaceLimit } from "./pace.ts";

/** What a stream needs of its connection. */
export interface StreamHome {
  readonly machine: ServerMachine;
  readonly peer: Peer;
  readonly covers: ((host: string) => boolean) | undefined;
  readonly now: () => number;
  readonly isOpen: () => boolean;
  /** Sees to it that what the machine has to say goes out. */
  write(): void;
}

export class Http2Stream implements Asker {
  readonly protocol = "HTTP/2";
  readonly isTls = true;
  readonly #id: number;
  readonly #home: StreamHome;
  readonly #inbox = new Inbox<DataEvent | EndEvent | ErrorEvent>();
  readonly #sending = new Pace();
  #isHeldBack: boolean;
  #begun: Answer | undefined;
  #parts: Uint8Array[] = [];
  #trailers: Fields | undefined;
  #drained: PromiseWithResolvers<void> | undefined;
  #isGone = false;
  #isAnswered = false;
  received = 0;
  sent = 0;
  answerDueMs = Infinity;
  onAnswerDue: () => void = () => {};
  onGone: () => void = () => {};

  constructor(id: number, home: StreamHome, { isHeldBack }: { isHeldBack: boolean }) {
    this.#id = id;
    this.#home = home;
    this.#isHeldBack = isHeldBack;
  }

  get peer(): Peer {
    return this.#home.peer;
  }

  get covers(): ((host: string) => boolean) | undefined {
    return this.#home.covers;
  }

  get goesOn(): boolean {
    return this.#home.isOpen();
  }

  /** Whether its answer has been given to its end. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  contentNow(): DataEvent | EndEvent | ErrorEvent | undefined {
    const event = this.#inbox.shift();
    if (event?.kind === "data") this.#taken(event.bytes.length);
    return event;
  }

  async content(): Promise<DataEvent | EndEvent | ErrorEvent> {
    for (;;) {
      const event = this.contentNow();
      if (event !== undefined) return event;
      // Who waits for a 100 is not slow.
      if (!this.#isHeldBack) this.#sending.begin(this.#home.now());
      await this.#inbox.news();
      this.#isHeldBack = false;
    }
  }

  interim({ status, fields }: Pick<InterimHead, "status" | "fields">): Promise<boolean> {
    if (this.#isGone || status === 101) return Promise.resolve(false);
    if (status === 100) this.#isHeldBack = false;
    this.#home.machine.interim(this.#id, { status, fields });
    this.#home.write();
    return Promise.resolve(true);
  }

  begin(answer: Answer): void {
    this.#begun = answer;
  }

  data(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#parts.push(bytes);
  }

  end(trailers: Fields): void {
    this.#trailers = trailers;
  }

  takeBack(): void {
    this.#begun = undefined;
    this.#parts = [];
    this.#trailers = undefined;
  }

  async flush(): Promise<boolean> {
    const { machine } = this.#home;
    const parts = this.#parts;
    this.#parts = [];
    if (this.#isGone) return false;
    if (this.#begun !== undefined) machine.respond(this.#id, this.#begun);
    this.#begun = undefined;
    for (const bytes of parts) {
      this.sent += bytes.length;
      if (machine.data(this.#id, bytes) === "go on") continue;
      this.#drained = Promise.withResolvers<void>();
      this.#home.write();
      await this.#drained.promise;
      this.#drained = undefined;
      if (this.#isGone) return false;
    }
    if (this.#trailers !== undefined) {
      this.#isAnswered = true;
      machine.end(this.#id, this.#trailers);
    }
    this.#home.write();
    return true;
  }

  /** Gives it up, where it has not come to its end. */
  close(): void {
    if (!this.#isGone && !this.#isAnswered) {
      // Some clients take a cancelled stream for one that has ended well.
      this.#home.machine.reset(this.#id, ErrorCode.INTERNAL_ERROR);
      this.#home.write();
    }
    this.gone("the stream was given up");
  }

  /** Content has come. The bytes are a view that is good for a moment. */
  came(event: DataEvent | EndEvent): void {
    if (event.kind === "end") return this.#inbox.put(event);
    this.#sending.end(this.#home.now(), event.bytes.length);
    this.#inbox.put({ kind: "data", bytes: event.bytes.slice() });
  }

  /** What was to be sent has gone out. */
  drained(): void {
    this.#drained?.resolve();
  }

  /** The client has reset it, or is gone. */
  gone(detail: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#inbox.put({ kind: "error", status: 400, detail });
    this.#drained?.resolve();
    this.onGone();
  }

  isSlow(nowMs: number, limit: PaceLimit): boolean {
    return this.#sending.isSlow(nowMs, limit);
  }

  #taken(bytes: number): void {
    this.received += bytes;
    this.#home.machine.took(this.#id, bytes);
    this.#home.write();
  }
}
