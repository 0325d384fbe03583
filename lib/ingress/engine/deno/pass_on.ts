/**
 * A replica's answer on its way to the client. What has come along with its head goes out in one piece with it, as most
 * answers are small; the rest as it comes, and no faster than the client takes it. An answer that breaks off breaks off
 * for the client too: it is never completed falsely.
 * @module
 */
import type { ResponseHead } from "../../../wire/http1/event.ts";
import type { Fields } from "../../../wire/http1/fields.ts";
import { answerFields } from "../edge_fields.ts";
import type { Asker } from "./asker.ts";
import type { ReplicaSide } from "./replica_side.ts";

/** What arrived together goes out together, up to this. */
const TOGETHER_BYTES_MAX = 131_072;

export interface PassOn {
  answer: ResponseHead;
  from: ReplicaSide;
  to: Asker;
  /** Whether the client may ask for more after it. */
  keepAlive: boolean;
  added: Fields;
  /** Called before each wait for the replica. */
  onWait: () => void;
}

export type PassedOn =
  | "whole"
  /** Nothing of it has gone out: the client can still be told so. */
  | "unreadable"
  | "broken by replica"
  | "broken by client";

export async function passOn(given: PassOn): Promise<PassedOn> {
  const { answer, from, to, keepAlive, added } = given;
  const { status, reason, framing } = answer;
  to.begin({ status, reason, fields: answerFields(answer, added), framing, keepAlive });
  for (let bytes = 0; bytes < TOGETHER_BYTES_MAX;) {
    const event = from.eventNow();
    if (event === undefined) break;
    if (event.kind === "end") {
      to.end(event.trailers);
      return await to.flush() ? "whole" : "broken by client";
    }
    if (event.kind !== "data") {
      to.takeBack();
      return "unreadable";
    }
    to.data(event.bytes);
    bytes += event.bytes.length;
  }
  return await to.flush() ? await passRest(given) : "broken by client";
}

async function passRest({ from, to, onWait }: PassOn): Promise<PassedOn> {
  for (;;) {
    onWait();
    const event = await from.event();
    if (event.kind === "data") to.data(event.bytes);
    else if (event.kind === "end") to.end(event.trailers);
    else return "broken by replica";
    if (!await to.flush()) return "broken by client";
    if (event.kind === "end") return "whole";
  }
}
