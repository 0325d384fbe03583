/**
 * The content of one request, on its way from the client to a replica. What has come along with the head is taken in
 * whole, as most content is small: it goes out with the head in one piece, and can be sent again. The rest is passed on
 * as it comes, once, and no faster than the replica takes it.
 * @module
 */
import { encodeChunk, encodeLastChunk } from "../../../wire/http1/encode.ts";
import type { DataEvent, EndEvent, Framing } from "../../../wire/http1/event.ts";
import type { ReplicaConnection } from "../../upstream/replica_connection.ts";
import type { ClientConnection } from "./client_connection.ts";

/** How the way of the content ended. */
export type Sent = "sent" | "broken by client" | "broken by replica";

/** Called before each wait for either side. */
export interface Waits {
  toReplica: () => void;
  toClient: () => void;
}

const NOTHING = new Uint8Array(0);

export class RequestContent {
  readonly #client: ClientConnection;
  readonly #isChunked: boolean;
  /** What has come so far, as it goes to the replica. */
  #early: Uint8Array[] = [];
  /** All of it has come. */
  isComplete = false;
  /** A part of it that is not kept has gone to a replica. */
  isSpent = false;
  /** What is wrong with it. */
  fault: string | undefined;

  constructor(client: ClientConnection, { framing, bytesMax }: { framing: Framing; bytesMax: number }) {
    this.#client = client;
    this.#isChunked = framing.kind === "chunked";
    let bytes = 0;
    while (!this.isComplete && bytes <= bytesMax) {
      const event = client.contentNow();
      if (event === undefined) break;
      if (event.kind === "error") {
        this.fault = event.detail;
        break;
      }
      bytes += event.kind === "data" ? event.bytes.length : 0;
      this.#keep(event);
    }
  }

  /** Whether it can be sent as often as one likes. */
  get isWhole(): boolean {
    return this.isComplete && !this.isSpent;
  }

  /** A request's head and what there is of its content, in one piece. */
  after(head: Uint8Array): Uint8Array {
    return this.#early.length === 0 ? head : joined([head, ...this.#early]);
  }

  /** Passes on what is yet to come. */
  async pump(replica: ReplicaConnection, { toReplica, toClient }: Waits): Promise<Sent> {
    this.isSpent = true;
    this.#early = [];
    while (!this.isComplete) {
      toClient();
      const event = await this.#client.content();
      if (event.kind === "error") {
        this.fault = event.detail;
        // What breaks off is never passed on as complete.
        replica.close();
        return "broken by client";
      }
      if (event.kind === "end") this.isComplete = true;
      const bytes = this.#encoded(event);
      if (bytes.length === 0) continue;
      toReplica();
      if (!await replica.send(bytes)) return "broken by replica";
    }
    return "sent";
  }

  #keep(event: DataEvent | EndEvent): void {
    if (event.kind === "end") this.isComplete = true;
    const bytes = this.#encoded(event);
    // Data is a view into what was read; a chunk is a copy already.
    if (bytes.length > 0) this.#early.push(this.#isChunked ? bytes : bytes.slice());
  }

  #encoded(event: DataEvent | EndEvent): Uint8Array {
    if (event.kind === "data") return this.#isChunked ? encodeChunk(event.bytes) : event.bytes;
    return this.#isChunked ? encodeLastChunk(event.trailers) : NOTHING;
  }
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
