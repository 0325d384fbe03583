/**
 * Copies bytes both ways between a client and a replica, as they come: nothing is read before what came before it has
 * gone out, so that a slow side slows the other one down. The end of one side's bytes is passed on while the other way
 * stays open, as TCP means it.
 * @module
 */
import type { Channel } from "../upstream/channel.ts";

/** After so many small reads in a row a grown buffer is given back: most of many sessions rest. */
const SMALL_READS_MAX = 64;
const SMALL_BYTES = 16_384;

/** What was read of each side before. */
export interface Early {
  readonly fromClient: Uint8Array;
  readonly fromReplica: Uint8Array;
}

/** Carries until both sides have ended, or one broke. Closes both. Rejects on bugs only. */
export async function splice(client: Channel, replica: Channel, early: Early): Promise<"ended" | "broken"> {
  const closeBoth = () => {
    client.close();
    replica.close();
  };
  const oneWay = async (from: Channel, to: Channel, first: Uint8Array) => {
    const outcome = await copy(from, to, first);
    // The other way would wait for a side that is gone.
    if (outcome === "broken") closeBoth();
    return outcome;
  };
  try {
    const outcomes = await Promise.all([
      oneWay(client, replica, early.fromClient),
      oneWay(replica, client, early.fromReplica),
    ]);
    return outcomes.includes("broken") ? "broken" : "ended";
  } finally {
    closeBoth();
  }
}

async function copy(from: Channel, to: Channel, first: Uint8Array): Promise<"ended" | "broken"> {
  if (first.length > 0 && !await to.write(first)) return "broken";
  let smallReads = 0;
  for (;;) {
    const read = await from.read();
    if (read === "cut") return "broken";
    if (read === "closed") {
      await to.endWriting();
      return "ended";
    }
    if (!await to.write(read)) return "broken";
    smallReads = read.length < SMALL_BYTES ? smallReads + 1 : 0;
    if (smallReads > SMALL_READS_MAX) {
      smallReads = 0;
      from.shrink();
    }
  }
}
