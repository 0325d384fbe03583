/**
 * Answers that stay open: event streams, and lines of logs. Each has a seat, of which nobody gets more than their share,
 * until it is over: when there is no more to give, when its reader has left, or when it is cut off (`while_standing.ts`).
 * @module
 */
import { isLoopback } from "../../runtime/exposure.ts";
import { watchStanding } from "./access/standing.ts";
import { busy } from "./answer.ts";
import type { Call, Caller } from "./context.ts";
import { type WhenCut, whileStanding } from "./while_standing.ts";

/** Of one token with its sessions, or of one address where nobody is asked for a token. */
const OWN_STREAMS_MAX = 50;
const RETRY_AFTER_S = 5;

/** Whoever has one gives something, or ends it. */
export interface OpenStream {
  /** Aborted once it is over, for whatever reason. */
  signal: AbortSignal;
  /** The body of the answer: what the source has, for as long as that may be given. */
  give(source: ReadableStream<Uint8Array>, options: { whenCut: WhenCut }): ReadableStream<Uint8Array>;
  end(): void;
}

/** One more for the caller, or the refusal. */
export function openStream(call: Call): OpenStream | Response {
  const { env, var: { api: { clock, streams } }, req: { path } } = call;
  const { holder, called, ownMax } = shareOf(env);
  const seat = streams.take(holder, { ownMax });
  if (seat === "all_taken") return turnedAway("as many streams are open as this controller serves");
  if (seat === "own_taken") return turnedAway(`${called} has ${ownMax} streams open, and gets no more; close one`);
  const standing = watchStanding(call);
  const { signal } = standing;
  const end = () => standing[Symbol.dispose]();
  const giveUp = () => seat[Symbol.dispose]();
  if (signal.aborted) giveUp();
  signal.addEventListener("abort", giveUp, { once: true });
  return {
    signal,
    give: (source, { whenCut }) => whileStanding(source, { standing, clock, whenCut, stream: { path, of: called } }),
    end,
  };
}

/** Whose seat it is, and how many they get. On loopback nobody is kept from a seat by somebody else. */
function shareOf({ who, from }: Caller): { holder: string; called: string; ownMax: number } {
  switch (who.kind) {
    case "anyone":
      return { holder: `at ${from}`, called: "your address", ownMax: isLoopback(from) ? Infinity : OWN_STREAMS_MAX };
    case "person":
      return { holder: `token ${who.id}`, called: `the token "${who.name}"`, ownMax: OWN_STREAMS_MAX };
    case "node":
      return { holder: `node ${who.node}`, called: "this node", ownMax: OWN_STREAMS_MAX };
    default:
      return who satisfies never;
  }
}

function turnedAway(detail: string): Response {
  return busy(detail, { retryAfterS: RETRY_AFTER_S });
}
