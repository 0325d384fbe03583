/**
 * A replica's answer as the client's: what has arrived with the head goes out in one piece, the rest as it comes and
 * no faster than the client takes it. An answer that breaks off, or whose host is lost, breaks off for the client too.
 * @module
 */
import type { ResponseHead } from "../wire/http1/event.ts";
import { responseFields } from "./headers.ts";
import { sandboxed } from "./operator_guard.ts";
import type { ReplicaConnection } from "./upstream/replica_connection.ts";
import type { OnGone } from "./attendance.ts";

/** The connection that the answer comes over, and what is to be done with it at the end. */
export interface AnswerSource {
  connection: ReplicaConnection;
  release: () => void;
  /** Tells when the replica is gone. Returns what ends the watch. */
  attend: (onGone: OnGone) => () => void;
}

/** Answers that have no content whatever their fields say. */
const NULL_BODY = new Set([204, 205, 304]);

type Bytes = Uint8Array<ArrayBuffer>;

export function passBack(head: ResponseHead, source: AnswerSource): Response {
  const headers = sandboxed(responseFields(head.fields)) as [string, string][];
  const body = contentOf(source);
  return new Response(NULL_BODY.has(head.status) ? null : body, { status: head.status, headers });
}

/** Null when there is none, bytes when all are here. */
function contentOf(source: AnswerSource): Bytes | ReadableStream<Bytes> | null {
  const { connection, release } = source;
  const first: Bytes[] = [];
  for (;;) {
    const event = connection.eventNow();
    if (event?.kind === "data") {
      first.push(event.bytes.slice());
      continue;
    }
    if (event?.kind !== "end") return streamOf(first, { ...source, broken: event?.kind === "error" });
    release();
    return first.length === 0 ? null : joined(first);
  }
}

function streamOf(first: Bytes[], options: AnswerSource & { broken: boolean }): ReadableStream<Bytes> {
  const { connection, release, attend, broken } = options;
  const leave = attend((how) => {
    if (how === "lost") connection.close();
  });
  const end = () => {
    leave();
    connection.close();
  };
  return new ReadableStream<Bytes>({
    async pull(controller) {
      const ready = first.shift();
      if (ready !== undefined) return controller.enqueue(ready);
      const event = broken ? undefined : await connection.event();
      if (event?.kind === "data") return controller.enqueue(event.bytes.slice());
      if (event?.kind === "end") {
        leave();
        release();
        return controller.close();
      }
      end();
      controller.error(new Deno.errors.UnexpectedEof("Cannot pass on an answer: the replica broke it off"));
    },
    cancel: end,
  }, { highWaterMark: 0 });
}

function joined(chunks: Bytes[]): Bytes {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
