/**
 * Whoever has sent a request, as far as its exchange has to do with them: a connection of HTTP/1.1, or a stream of
 * HTTP/2. Content comes from it as events; an answer is begun, gets content and an end, and goes out when it is flushed.
 * @module
 */
import type { DataEvent, EndEvent, ErrorEvent, Framing, InterimHead } from "../../../wire/http1/event.ts";
import type { Fields } from "../../../wire/http1/fields.ts";
import type { Channel } from "../../upstream/channel.ts";
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

export interface Asker {
  readonly peer: Peer;
  readonly isTls: boolean;
  /** Whether requests for that host may come this way; any, unless said. */
  readonly covers: ((host: string) => boolean) | undefined;
  /** "HTTP/1.1" */
  readonly protocol: string;
  /** Bytes that have come from it, and gone to it, so far. */
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
  interim(head: Pick<InterimHead, "status" | "reason" | "fields">): Promise<void>;
  begin(answer: Answer): void;
  /** The bytes must stay as they are until `flush` has resolved. */
  data(bytes: Uint8Array): void;
  end(trailers: Fields): void;
  /** Sends what there is; resolves to whether all has gone out. */
  flush(): Promise<boolean>;
  /** Takes back what has been begun, of which nothing has gone out. */
  takeBack(): void;
  /** Hands its socket over, with what was read of it beyond the request; undefined where it has none of its own. */
  handOver?(): { channel: Channel; early: Uint8Array };
  close(): void;
}
