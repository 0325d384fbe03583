/**
 * Routes that exercise what lies between a client and a replica: what arrives (`/echo`), slow answers (`/sleep`), answers
 * that come in pieces (`/stream`). Each takes its measures from the query, within bounds.
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import { DURATION_RULE, readDurationMs } from "../runtime/duration.ts";

/** A larger body is refused by `/echo`. */
export const ECHO_BODY_MAX = 1_048_576;
/** The longest nap of `/sleep`, and the longest pause of `/stream`. */
const SLEEP_MAX_MS = 600_000;
const LINES_MAX = 1_000_000;

/** The request as it arrived, as JSON. */
export async function echo(request: Request): Promise<Response> {
  const body = await readBody(request);
  if (body === undefined) return refusal(413, `a body of at most ${ECHO_BODY_MAX} bytes`);
  const { pathname, search } = new URL(request.url);
  return Response.json({
    method: request.method,
    path: pathname + search,
    headers: Object.fromEntries(request.headers),
    body,
  });
}

/** Answers after `?ms=`. */
export async function sleep(request: Request, clock: Clock): Promise<Response> {
  const ms = readWhole(new URL(request.url).searchParams.get("ms"), { max: SLEEP_MAX_MS });
  if (ms === undefined) return refusal(400, `ms as a whole number up to ${SLEEP_MAX_MS}`);
  await clock.sleep(ms);
  return new Response(`slept ${ms} ms\n`);
}

/** Answers with `?lines=10`, one `?every=100ms`. */
export function stream(request: Request, clock: Clock): Response {
  const query = new URL(request.url).searchParams;
  const lines = readWhole(query.get("lines") ?? "10", { max: LINES_MAX });
  const everyMs = readDurationMs(query.get("every") ?? "100ms");
  if (lines === undefined) return refusal(400, `lines as a whole number up to ${LINES_MAX}`);
  if (everyMs === undefined || everyMs > SLEEP_MAX_MS) return refusal(400, `every as ${DURATION_RULE}`);
  return new Response(linesOf(lines, { everyMs, clock }), { headers: { "content-type": "text/plain; charset=utf-8" } });
}

function linesOf(lines: number, { everyMs, clock }: { everyMs: number; clock: Clock }): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const gone = new AbortController();
  let line = 0;
  return new ReadableStream({
    pull: async (controller) => {
      if (line === lines) return controller.close();
      try {
        if (line > 0) await clock.sleep(everyMs, { signal: gone.signal });
      } catch (error) {
        if (gone.signal.aborted) return;
        throw error;
      }
      controller.enqueue(encoder.encode(`line ${++line} of ${lines}\n`));
    },
    cancel: () => gone.abort(),
  });
}

/** The body as text, or undefined as soon as it is too long. */
async function readBody(request: Request): Promise<string | undefined> {
  if (request.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.length;
    if (bytes > ECHO_BODY_MAX) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function readWhole(text: string | null, { max }: { max: number }): number | undefined {
  if (text === null || !/^\d{1,15}$/.test(text)) return undefined;
  return Number(text) <= max ? Number(text) : undefined;
}

function refusal(status: 400 | 413, expected: string): Response {
  return new Response(`Cannot answer: expected ${expected}\n`, { status });
}
