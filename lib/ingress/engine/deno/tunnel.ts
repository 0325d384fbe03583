/**
 * A connection that client and replica have agreed to use for something else, such as a WebSocket: bytes go both ways
 * until either side ends it.
 * @module
 */
import type { ResponseHead } from "../../../wire/http1/event.ts";
import type { Fields } from "../../../wire/http1/fields.ts";
import type { Ending } from "../../seen/access_line.ts";
import type { Channel, Read } from "../../upstream/channel.ts";
import { switchedFields } from "../edge_fields.ts";
import type { ReplicaSide } from "./replica_side.ts";
import type { Visit } from "./visit.ts";

export interface Switch {
  /** The replica's answer that agrees. */
  answer: ResponseHead;
  replica: ReplicaSide;
  added: Fields;
  /** The longest time without a byte. */
  idleMs: number;
}

/** Passes the agreement on, and then whatever either side says. */
export async function switchOver(visit: Visit, { answer, replica, added, idleMs }: Switch): Promise<Ending> {
  const { status, reason } = answer;
  const cut = () => {
    replica.close();
    visit.asker.close();
  };
  if (!await visit.asker.interim({ status, reason, fields: [...switchedFields(answer), ...added] })) {
    cut();
    return "client left";
  }
  const [client, back] = [visit.asker.handOver?.(), replica.handOver?.()];
  if (client === undefined || back === undefined) throw new TypeError("Cannot switch: a side has no socket of its own");
  const onBytes = () => visit.waitFor(idleMs, cut);
  onBytes();
  await Promise.all([
    copy({ from: client.channel, to: back.channel, first: client.early, ahead: client.ahead, onBytes }),
    copy({ from: back.channel, to: client.channel, first: back.early, onBytes }),
  ]);
  const { cutBy } = visit;
  visit.stopWaiting();
  cut();
  return cutBy === "late" ? "late" : "tunnel closed";
}

interface Way {
  from: Channel;
  to: Channel;
  first: Uint8Array;
  /** A read that is under way already. */
  ahead?: Promise<Read> | undefined;
  onBytes: () => void;
}

/** Passes on until the end, and then says it; a side that is cut takes the other one along. */
async function copy({ from, to, first, ahead, onBytes }: Way): Promise<void> {
  let reading = ahead;
  if (first.length > 0 && !await to.write(first)) return from.close();
  for (;;) {
    const read = await (reading ?? from.read());
    reading = undefined;
    if (read === "closed") return await to.endWriting();
    if (read === "cut") return to.close();
    onBytes();
    if (!await to.write(read)) return from.close();
  }
}
