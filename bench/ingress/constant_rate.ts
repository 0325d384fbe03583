/**
 * Requests at a constant rate, however long answers take: each is measured from the moment when it was to be sent, so that
 * a candidate that stalls is charged for all who would have come meanwhile (the idea of wrk2).
 * @module
 */
import { connectTo, hasEnded, requestBytes } from "./raw_client.ts";
import type { Paced, Pacing } from "./pace_worker.ts";

export interface ConstantRate {
  port: number;
  perSecond: number;
  seconds: number;
  connections: number;
}

export interface Latencies {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  requests: number;
  failed: number;
}

const REQUEST = requestBytes("GET /");
const OK = "HTTP/1.1 200 ";
const BUFFER_BYTES = 4_096;
/** After the last request has been due. */
const LAST_ANSWER_MS = 5_000;

export async function atConstantRate({ port, perSecond, seconds, connections }: ConstantRate): Promise<Latencies> {
  const count = Math.round(perSecond * seconds);
  const tookMs = new Float64Array(count).fill(Infinity);
  let failed = 0;
  let finished = 0;
  let isOver = false;
  const waiting: number[] = [];
  const idle = await Promise.all(Array.from({ length: connections }, () => connectTo(port)));
  const all = new Set(idle);
  const done = Promise.withResolvers<void>();
  let startMs = 0;
  const dueMs = (request: number) => startMs + request * 1_000 / perSecond;
  const carry = async (conn: Deno.TcpConn, request: number) => {
    for (let next: number | undefined = request; next !== undefined; next = waiting.shift()) {
      const isGood = await exchanged(conn);
      if (isOver) return;
      tookMs[next] = now() - dueMs(next);
      if (++finished === count) done.resolve();
      if (isGood) continue;
      failed++;
      all.delete(conn);
      conn.close();
      all.add(conn = await connectTo(port));
    }
    idle.push(conn);
  };
  const pace = new Worker(new URL("pace_worker.ts", import.meta.url), { type: "module" });
  pace.onmessage = ({ data }: MessageEvent<Paced>) => {
    if (data.kind === "started") {
      startMs = data.startMs;
      return;
    }
    for (let request = data.from; request < data.to; request++) {
      const conn = idle.pop();
      if (conn === undefined) waiting.push(request);
      else void carry(conn, request);
    }
  };
  pace.postMessage({ perSecond, count } satisfies Pacing);
  const giveUp = setTimeout(() => done.resolve(), seconds * 1_000 + LAST_ANSWER_MS);
  await done.promise;
  isOver = true;
  clearTimeout(giveUp);
  pace.terminate();
  for (const conn of all) conn.close();
  return summary(tookMs, failed + count - finished);
}

/** On a clock that all threads share. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

async function exchanged(conn: Deno.TcpConn): Promise<boolean> {
  try {
    await conn.write(REQUEST);
    return await isAnswered(conn);
  } catch (error) {
    if (hasEnded(error)) return false;
    throw error;
  }
}

const buffers = new WeakMap<Deno.TcpConn, Uint8Array>();

/** The small answer comes in one piece, but for rare cases: these are read on to their end. */
async function isAnswered(conn: Deno.TcpConn): Promise<boolean> {
  const buffer = buffers.get(conn) ?? new Uint8Array(BUFFER_BYTES);
  buffers.set(conn, buffer);
  let text = "";
  for (;;) {
    const read = await conn.read(buffer);
    if (read === null) return false;
    text += latin1.decode(buffer.subarray(0, read));
    const headEnd = text.indexOf("\r\n\r\n");
    if (headEnd === -1) continue;
    const length = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0);
    if (text.length >= headEnd + 4 + length) return text.startsWith(OK);
  }
}

const latin1 = new TextDecoder("latin1");

function summary(tookMs: Float64Array, failed: number): Latencies {
  tookMs.sort();
  const at = (share: number) => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))]!;
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), requests: tookMs.length, failed };
}
