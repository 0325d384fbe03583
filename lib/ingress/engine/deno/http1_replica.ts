/**
 * A replica that speaks HTTP/1.1, over a connection that is used for one request after the other.
 * @module
 */
import { judgedRequestText } from "../../../wire/http1/encode.ts";
import type { DataEvent, EndEvent, InterimHead, ResponseHead } from "../../../wire/http1/event.ts";
import type { Endpoint } from "../../../cluster/endpoint.ts";
import type { ReplicaConnection } from "../../upstream/replica_connection.ts";
import type { ReplicaPool } from "../../upstream/replica_pool.ts";
import { MessageWriter } from "./message_writer.ts";
import type { AnswerEvent, Asked, ReplicaSide } from "./replica_side.ts";

export class Http1Replica implements ReplicaSide {
  readonly #connection: ReplicaConnection;
  readonly #home: { pool: ReplicaPool; endpoint: Endpoint };
  readonly #request = new MessageWriter();
  #method = "";

  constructor(connection: ReplicaConnection, home: { pool: ReplicaPool; endpoint: Endpoint }) {
    this.#connection = connection;
    this.#home = home;
  }

  get hasAnswered(): boolean {
    return this.#connection.hasAnswered;
  }

  ask({ method, target, fields, framing, content }: Asked): Promise<boolean> {
    this.#method = method;
    this.#request.head(judgedRequestText({ method, target, fields }), { isChunked: framing.kind === "chunked" });
    for (const event of content) this.#add(event);
    return this.#request.sendTo(this.#connection.channel);
  }

  pass(event: DataEvent | EndEvent): Promise<boolean> {
    this.#add(event);
    return this.#request.sendTo(this.#connection.channel);
  }

  head(onInterim: (head: InterimHead) => Promise<unknown>): Promise<ResponseHead | undefined> {
    return this.#connection.head(this.#method, onInterim);
  }

  eventNow(): AnswerEvent | undefined {
    return this.#connection.eventNow();
  }

  event(): Promise<AnswerEvent> {
    return this.#connection.event();
  }

  done({ isSent, keepAlive }: { isSent: boolean; keepAlive: boolean }): void {
    const { pool, endpoint } = this.#home;
    // Content still under way when the answer is complete has lost its reader, and the connection goes with it.
    if (isSent && keepAlive && this.#connection.isFree) pool.give(endpoint, this.#connection);
    else this.#connection.close();
  }

  close(): void {
    this.#connection.close();
  }

  handOver() {
    return { channel: this.#connection.channel, early: this.#connection.handOver() };
  }

  #add(event: DataEvent | EndEvent): void {
    if (event.kind === "data") this.#request.data(event.bytes);
    else this.#request.end(event.trailers);
  }
}
