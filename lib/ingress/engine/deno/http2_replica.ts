/**
 * A replica that speaks HTTP/2: the request is a stream of its session. Content goes out as the replica's windows allow,
 * and its answer is kept until it is taken.
 * @module
 */
import type { DataEvent, EndEvent, InterimHead, ResponseHead } from "../../../wire/http1/event.ts";
import { type Field, fieldValue, isNamed } from "../../../wire/http1/fields.ts";
import type { Http2Session, StreamEar, StreamEvent } from "../../upstream/http2_sessions.ts";
import { Inbox } from "./inbox.ts";
import type { AnswerEvent, Asked, ReplicaSide } from "./replica_side.ts";

/** Fields that HTTP/2 says otherwise, or not at all. */
const LEFT_OUT = ["connection", "transfer-encoding", "upgrade"];

export class Http2Replica implements ReplicaSide, StreamEar {
  readonly #session: Http2Session;
  readonly #inbox = new Inbox<AnswerEvent>();
  #stream = 0;
  #drained: PromiseWithResolvers<void> | undefined;
  #isOver = false;
  hasAnswered = false;

  constructor(session: Http2Session) {
    this.#session = session;
  }

  async ask({ method, target, authority, fields, content }: Asked): Promise<void> {
    const { machine } = this.#session;
    const scheme = fieldValue(fields, "x-forwarded-proto") === "https" ? "https" : "http";
    const kept = fields.filter((field) => !LEFT_OUT.some((name) => isNamed(field, name)));
    // gRPC servers want to hear that trailers are understood, which they are here.
    const te: Field[] = fieldValue(fields, "content-type")?.startsWith("application/grpc") ? [["te", "trailers"]] : [];
    this.#stream = machine.request({ method, scheme, authority, path: target, fields: [...kept, ...te] });
    this.#session.attend(this.#stream, this);
    for (const event of content) await this.pass(event);
    this.#session.write();
  }

  async pass(event: DataEvent | EndEvent): Promise<boolean> {
    const { machine } = this.#session;
    if (this.#isOver) return false;
    if (event.kind === "end") machine.end(this.#stream, event.trailers);
    else if (event.bytes.length > 0 && machine.data(this.#stream, event.bytes) === "wait") {
      this.#drained = Promise.withResolvers<void>();
      this.#session.write();
      await this.#drained.promise;
      this.#drained = undefined;
    }
    this.#session.write();
    return !this.#isOver;
  }

  async head(onInterim: (head: InterimHead) => Promise<unknown>): Promise<ResponseHead | undefined> {
    for (;;) {
      const event = await this.event();
      if (event.kind === "response") return event;
      if (event.kind !== "interim") return undefined;
      await onInterim(event);
    }
  }

  eventNow(): AnswerEvent | undefined {
    const event = this.#inbox.shift();
    if (event?.kind === "data") {
      this.#session.machine.took(this.#stream, event.bytes.length);
      this.#session.write();
    }
    return event;
  }

  async event(): Promise<AnswerEvent> {
    for (;;) {
      const event = this.eventNow();
      if (event !== undefined) return event;
      await this.#inbox.news();
    }
  }

  done({ isSent }: { isSent: boolean }): void {
    if (!isSent) this.close();
    this.#over();
  }

  close(): void {
    if (this.#isOver) return;
    this.#session.machine.reset(this.#stream);
    this.#session.write();
    this.lost();
  }

  hear(event: StreamEvent): void {
    switch (event.kind) {
      case "interim":
        return this.#inbox.put({ kind: "interim", status: event.status, reason: "", fields: event.fields });
      case "response":
        this.hasAnswered = true;
        return this.#inbox.put(answerOf(event));
      case "data":
        return this.#inbox.put({ kind: "data", bytes: event.bytes.slice() });
      case "end":
        return this.#inbox.put({ kind: "end", trailers: event.trailers });
      case "drain":
        return this.#drained?.resolve();
      case "reset":
        // Where it promises that it did nothing with it, it is as if it had never been sent.
        if (event.isUnprocessed) this.hasAnswered = false;
        return this.lost();
    }
  }

  lost(): void {
    if (this.#isOver) return;
    this.#inbox.put({ kind: "error", status: 502, detail: "the replica gave the stream up" });
    this.#over();
  }

  #over(): void {
    this.#isOver = true;
    this.#drained?.resolve();
    this.#session.leave(this.#stream);
  }
}

function answerOf({ status, fields, framing }: Extract<StreamEvent, { kind: "response" }>): ResponseHead {
  return {
    kind: "response",
    status,
    reason: "",
    version: "1.1",
    fields,
    framing: framing.kind === "unknown" ? { kind: "chunked" } : framing,
    keepAlive: true,
  };
}
