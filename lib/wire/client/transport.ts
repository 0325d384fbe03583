/**
 * One request to the controller and its answer, by `fetch`. Whatever goes wrong on the way is an `Unreachable` that says
 * where and what to do; a refusal is an `ApiRefusal`. Deadlines are for answers as a whole, and of a stream for its head.
 * @module
 */
import type { Method } from "../contract/calls.ts";
import { endedWith } from "../ended_with.ts";
import { ApiRefusal, problemIn, Unreachable } from "./problem_error.ts";

/** How long a whole answer may take, and the head of a stream. */
const ANSWER_MS = 10_000;

/** Where the controller is and who asks. */
export interface Connection {
  /** The beginning of its addresses: `http://127.0.0.1:8000`; "" in a page that came from it. */
  server: string;
  token?: string | undefined;
  fetch?: typeof fetch;
}

/** A request that is ready to go. */
export interface Call {
  method: Method;
  /** With its query. */
  path: string;
  /** A text, bytes or a stream of them are sent as they are, all else as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal: AbortSignal;
  /** For how long, if not as usual. */
  answerMs?: number | undefined;
}

/** The answer, read in full by `read`. */
export async function ask<T>(connection: Connection, call: Call, read: (response: Response) => Promise<T>): Promise<T> {
  const answerMs = call.answerMs ?? ANSWER_MS;
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(answerMs)]);
  const response = await send(connection, { ...call, signal });
  return await reached(connection, () => read(response));
}

/** The answer's body as it comes. The deadline is for its beginning alone. */
export async function open(connection: Connection, call: Call): Promise<ReadableStream<Uint8Array>> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("late", "TimeoutError")), ANSWER_MS);
  try {
    const { body } = await send(connection, { ...call, signal: AbortSignal.any([call.signal, late.signal]) });
    return endedWith(body ?? new Blob().stream(), call.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Sends a request; gives its answer when that is a success. */
async function send(connection: Connection, { method, path, body, headers: given, signal }: Call): Promise<Response> {
  const { server, token, fetch: send = fetch } = connection;
  const isRaw = typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
  const headers = new Headers({ accept: "application/json", ...given });
  if (body !== undefined && !isRaw) headers.set("content-type", "application/json");
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  const response = await reached(connection, () =>
    send(`${server}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: isRaw ? body as BodyInit : JSON.stringify(body) }),
      // The token goes to the controller that was named, wherever that would like to send it.
      redirect: "error",
      signal,
    }));
  if (response.ok) return response;
  const problem = problemIn(await reached(connection, () => response.text()));
  if (problem !== undefined) throw new ApiRefusal(problem);
  throw unreachable(connection, new Error(`what answers there is no controller (status ${response.status})`));
}

/** Does it, and tells of whatever goes wrong as a controller that can't be reached. */
export async function reached<T>(connection: Connection, get: () => Promise<T>): Promise<T> {
  try {
    return await get();
  } catch (error) {
    throw unreachable(connection, error);
  }
}

/** An interruption stays what it is: nobody need look for a controller then. */
export function unreachable({ server }: Connection, cause: unknown): Error {
  if (!(cause instanceof Error)) throw cause;
  if (cause.name === "AbortError") return cause;
  const where = server === "" ? "the controller" : `the controller at ${server}`;
  return new Unreachable(`Cannot reach ${where}: ${reasonOf(cause)}`, { cause });
}

/** What `fetch` says names the address once more; the reason is at the end of its causes. */
function reasonOf(error: Error): string {
  let last = error;
  while (last.cause instanceof Error) last = last.cause;
  if (last.name === "TimeoutError") return `no answer within ${ANSWER_MS / 1_000} s`;
  if (/refused/i.test(last.message)) return "nothing listens there";
  const [distrust] = /invalid peer certificate.*/.exec(`${error.message} ${last.message}`) ?? [];
  if (distrust !== undefined) return `${distrust}; name the authority that vouches for it with --ca-file`;
  if (last.name === "ZodError" || last.name === "$ZodError" || last instanceof SyntaxError) {
    return "its answer is not a controller's";
  }
  return last.message;
}
