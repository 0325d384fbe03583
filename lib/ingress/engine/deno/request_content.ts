/**
 * The content of one request, on its way from the client to a replica. What has come along with the head is taken in
 * whole, as most content is small: it goes out with the head in one piece, and can be sent again. The rest is passed on
 * as it comes, once, and no faster than the replica takes it.
 * @module
 */
import type { DataEvent, EndEvent } from "../../../wire/http1/event.ts";
import type { Asker } from "./asker.ts";
import type { ReplicaSide } from "./replica_side.ts";

/** Called before each wait for either side. */
export interface Waits {
  toReplica: () => void;
  toClient: () => void;
}

export class RequestContent {
  readonly #asker: Asker;
  /** What has come so far. */
  #early: (DataEvent | EndEvent)[] = [];
  /** All of it has come. */
  isComplete = false;
  /** A part of it that is not kept has gone to a replica. */
  isSpent = false;
  /** What is wrong with it. */
  fault: string | undefined;

  constructor(asker: Asker, { bytesMax }: { bytesMax: number }) {
    this.#asker = asker;
    let bytes = 0;
    while (!this.isComplete && bytes <= bytesMax) {
      const event = asker.contentNow();
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

  get early(): readonly (DataEvent | EndEvent)[] {
    return this.#early;
  }

  /** Passes on what is yet to come; resolves to whether all of it has gone out. */
  async pump(replica: ReplicaSide, { toReplica, toClient }: Waits): Promise<boolean> {
    this.isSpent = true;
    this.#early = [];
    while (!this.isComplete) {
      toClient();
      const event = await this.#asker.content();
      if (event.kind === "error") {
        this.fault = event.detail;
        // What breaks off is never passed on as complete.
        replica.close();
        return false;
      }
      if (event.kind === "end") this.isComplete = true;
      toReplica();
      if (!await replica.pass(event)) return false;
    }
    return true;
  }

  #keep(event: DataEvent | EndEvent): void {
    if (event.kind === "end") this.isComplete = true;
    // Data is a view into what was read.
    this.#early.push(event.kind === "data" ? { kind: "data", bytes: event.bytes.slice() } : event);
  }
}
