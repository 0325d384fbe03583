/**
 * Whoever has sent a request, as far as its exchange has to do with them: a connection of HTTP/1.1, or a stream of
 * HTTP/2. Content comes from it as events; an answer is begun, gets content and an end, and goes out when it is flushed.
 * @module
 */
import type { DataEvent, EndEvent, ErrorEvent, Framing, InterimHead } from "../../../wire/http1/event.ts";
import type { Fields } from "../../../wire/http1/fields.ts";
import type { Channel, Read } from "../../upstream/channel.ts";
import type { Peer } from "../../seen/peer_address.ts";

export interface Answer {
  status: number;
  reason?: string | undefined;
  /** Without those of one connection. They have been judged, and are not judged again. */
  fields: Fields;
  /** How the content ends as the replica sends it. */
  framing: Framing;
  /** Whether another request may follow. */
  keepAlive: boolean;
}

/** A socket that is somebody else's from now on. */
export interface HandedOver {
  channel: Channel;
  /** What was read beyond the request. */
  early: Uint8Array;
  /** A read that is under way already. */
  ahead?: Promise<Read> | undefined;
}

export interface Asker {
  readonly peer: Peer;
  readonly isTls: boolean;
  /** Whether requests for that host may come this way; any, unless said. */
  readonly covers: ((host: string) => boolean) | undefined;
  /** "HTTP/1.1" */
  readonly protocol: string;
  /** Bytes of content that have come from it, and gone to it, so far: neither heads nor framing. */
  readonly received: number;
  readonly sent: number;
  /** When something has to have happened that it waits for; what is done if not. */
  answerDueMs: number;
  onAnswerDue: () => void;
  /** Called when it has gone while it waits. */
  onGone: () => void;
  /** Whether it may ask for more after this request. */
  readonly goesOn: boolean;
  /** What has come of the content, without waiting. */
  contentNow(): DataEvent | EndEvent | ErrorEvent | undefined;
  content(): Promise<DataEvent | EndEvent | ErrorEvent>;
  /** Resolves to whether it could go out. */
  interim(head: Pick<InterimHead, "status" | "reason" | "fields">): Promise<boolean>;
  begin(answer: Answer): void;
  /** The bytes must stay as they are until `flush` has resolved. */
  data(bytes: Uint8Array): void;
  end(trailers: Fields): void;
  /** Sends what there is; resolves to whether all has gone out. */
  flush(): Promise<boolean>;
  /** Takes back what has been begun, of which nothing has gone out. */
  takeBack(): void;
  /** Hands its socket over; undefined where it has none of its own. What it carries from now on counts as content. */
  handOver?(): HandedOver;
  close(): void;
}
