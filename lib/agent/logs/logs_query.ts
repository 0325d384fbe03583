/**
 * `?follow=&tail=&stream=` of a request for a replica's logs.
 * @module
 */
import { type Stream, STREAMS } from "./log_file.ts";
import { TAIL_MAX } from "./log_lines.ts";

export interface LogsWanted {
  tail: number;
  follow: boolean;
  stream: Stream | undefined;
}

const TAIL_USUAL = 1_000;

/** What is wanted, or what was expected instead. */
export function logsQuery(
  query: URLSearchParams,
): { kind: "good"; wanted: LogsWanted } | { kind: "bad"; detail: string } {
  const tail = query.get("tail") ?? String(TAIL_USUAL);
  const follow = query.get("follow") ?? "false";
  const streamName = query.get("stream");
  const stream = STREAMS.find((name) => name === streamName || `std${name}` === streamName);
  if (!/^\d{1,6}$/.test(tail) || Number(tail) > TAIL_MAX) {
    return { kind: "bad", detail: `"tail" is a number of lines from 0 to ${TAIL_MAX}` };
  }
  if (!["true", "false", "1", "0"].includes(follow)) return { kind: "bad", detail: `"follow" is true or false` };
  if (streamName !== null && stream === undefined) return { kind: "bad", detail: `"stream" is out or err` };
  return { kind: "good", wanted: { tail: Number(tail), follow: follow === "true" || follow === "1", stream } };
}
