/**
 * A replica that a request is sent to, as far as its exchange has to do with it: a connection of HTTP/1.1, or a stream of
 * HTTP/2.
 * @module
 */
import type {
  ClosedEvent,
  DataEvent,
  EndEvent,
  ErrorEvent,
  InterimHead,
  RequestHead,
  ResponseHead,
} from "../../../wire/http1/event.ts";
import type { Fields } from "../../../wire/http1/fields.ts";
import type { Channel } from "../../upstream/channel.ts";

export interface Asked extends Pick<RequestHead, "method" | "authority" | "framing"> {
  target: string;
  /** They have been judged, and are not judged again. */
  fields: Fields;
  /** What there is of the content already. */
  content: readonly (DataEvent | EndEvent)[];
}

export type AnswerEvent = ResponseHead | InterimHead | DataEvent | EndEvent | ErrorEvent | ClosedEvent;

export interface ReplicaSide {
  /** Sends a request. Whether an answer comes all the same is not for the sender to judge. */
  ask(asked: Asked): Promise<unknown>;
  /** Sends more of its content; resolves to whether it has gone out. */
  pass(event: DataEvent | EndEvent): Promise<boolean>;
  /** The head of the answer; undefined when there is none to be had. */
  head(onInterim: (head: InterimHead) => Promise<unknown>): Promise<ResponseHead | undefined>;
  /** True once bytes of the answer have come. */
  readonly hasAnswered: boolean;
  eventNow(): AnswerEvent | undefined;
  event(): Promise<AnswerEvent>;
  /** All of the answer has come, and all of the request was sent, or not. */
  done(how: { isSent: boolean; keepAlive: boolean }): void;
  close(): void;
  /** Hands its socket over, with what has been read of it beyond the answer's head. */
  handOver?(): { channel: Channel; early: Uint8Array };
}
