/**
 * The controller's API for programs: one function per route, with answers that are parsed before anybody sees them. The
 * command line talks to the controller through this and nothing else. A refusal is thrown as an `ApiRefusal` with what
 * the controller said, no answer as an `Unreachable` with what to do; both are told people by whoever called.
 * @module
 */
import type { z } from "zod";
import {
  type CreateToken,
  EventList,
  EventView,
  pageOf,
  Scaled,
  type ScaleRequest,
  ServiceLogLine,
  Status,
  TokenCreated,
  TokenRemoved,
  TokenView,
} from "./api.ts";
import { readEventStream } from "./event_stream.ts";
import { type CreateJoinToken, JoinTokenCreated } from "./join.ts";
import { parseJson } from "./json.ts";
import { readLines } from "./ndjson.ts";
import { Problem } from "./problem.ts";

/** How long a whole answer may take, and the head of a stream. */
const ANSWER_MS = 10_000;
/** As many as a controller has. */
const TOKENS_MAX = 1_000;
const LINE_BYTES_MAX = 2 * 1_024 * 1_024;

/** The controller's answer was no. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";

  constructor(readonly problem: Problem) {
    const faults = problem.errors?.map(({ pointer, detail }) => `\n  ${pointer || "/"}: ${detail}`) ?? [];
    super(`${problem.detail}${faults.join("")}`);
  }
}

/** There was no answer, or none that a controller gives. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** Where the controller is and who asks. */
export interface Connection {
  /** The beginning of its addresses: `http://127.0.0.1:8000`. */
  server: string;
  token?: string | undefined;
  fetch?: typeof fetch;
}

interface Waiting {
  signal: AbortSignal;
}

export interface LogsQuery extends Waiting {
  /** How many lines of each replica come first. */
  tail: number;
  follow: boolean;
}

/** What can be asked. */
export interface Client {
  status(options: Waiting): Promise<Status>;
  scale(request: ScaleRequest, options: Waiting): Promise<Scaled>;
  serviceLogs(service: string, query: LogsQuery): AsyncGenerator<ServiceLogLine>;
  /** The latest events, oldest first. */
  events(options: Waiting & { limit: number }): Promise<EventList>;
  /** All tokens, by name. */
  tokens(options: Waiting): Promise<TokenView[]>;
  createToken(request: CreateToken, options: Waiting): Promise<TokenCreated>;
  /** Invites a host. */
  createJoinToken(request: CreateJoinToken, options: Waiting): Promise<JoinTokenCreated>;
  /** Removes a token by its id or name. */
  removeToken(called: string, options: Waiting): Promise<TokenRemoved>;
  /** Events as they happen, beginning after the one of that id. */
  followEvents(options: Waiting & { after: number }): AsyncGenerator<EventView>;
}

export function connect(connection: Connection): Client {
  const ask = async <S extends z.ZodType>(schema: S, path: string, call: Call): Promise<z.output<S>> => {
    const deadline = AbortSignal.any([call.signal, AbortSignal.timeout(ANSWER_MS)]);
    const response = await request(connection, path, { ...call, signal: deadline });
    return await read(connection, async () => schema.parse(await response.json()));
  };
  return {
    status: ({ signal }) => ask(Status, "/status", { signal }),
    scale: (body, { signal }) => ask(Scaled, "/scale", { signal, body }),
    events: ({ limit, signal }) => ask(EventList, `/v1/events?limit=${limit}`, { signal }),
    tokens: async ({ signal }) => (await ask(pageOf(TokenView), `/v1/tokens?limit=${TOKENS_MAX}`, { signal })).items,
    createToken: (body, { signal }) => ask(TokenCreated, "/v1/tokens", { signal, body }),
    createJoinToken: (body, { signal }) => ask(JoinTokenCreated, "/v1/join-tokens", { signal, body }),
    removeToken: (called, { signal }) =>
      ask(TokenRemoved, `/v1/tokens/${encodeURIComponent(called)}`, { signal, method: "DELETE" }),
    async *serviceLogs(service, { tail, follow, signal }) {
      const path = `/v1/services/${encodeURIComponent(service)}/logs?tail=${tail}&follow=${follow}`;
      const lines = readLines(await stream(connection, path, { signal }), { lineBytesMax: LINE_BYTES_MAX });
      yield* parsed(lines, ServiceLogLine, connection);
      if (follow) throw ended(connection);
    },
    async *followEvents({ after, signal }) {
      const accept = "text/event-stream";
      const body = await stream(connection, `/v1/events?after=${after}`, { signal, accept });
      yield* parsed(messages(body), EventView, connection);
      throw ended(connection);
    },
  };
}

/** The data of the events proper: by one of another name the controller says that some are no longer kept. */
async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  for await (const { name, data } of readEventStream(body, { lineBytesMax: LINE_BYTES_MAX })) {
    if (name === "message") yield data;
  }
}

interface Call extends Waiting {
  /** GET unless said otherwise, POST with a body. */
  method?: "DELETE";
  body?: unknown;
  accept?: string;
}

/** Sends a request; gives its answer when that is a success. */
async function request(connection: Connection, path: string, call: Call): Promise<Response> {
  const { signal, method, body, accept } = call;
  const { server, token, fetch: send = fetch } = connection;
  const headers = new Headers({ accept: accept ?? "application/json" });
  if (body !== undefined) headers.set("content-type", "application/json");
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  const response = await read(connection, () =>
    send(`${server}${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // The token goes to the controller that was named, wherever that would like to send it.
      redirect: "error",
      signal,
    }));
  if (!response.ok) throw await refusal(connection, response);
  return response;
}

/** The deadline of a stream is for its beginning alone. */
async function stream(connection: Connection, path: string, call: Call): Promise<ReadableStream<Uint8Array>> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("late", "TimeoutError")), ANSWER_MS);
  try {
    const signal = AbortSignal.any([call.signal, late.signal]);
    const { body } = await request(connection, path, { ...call, signal });
    return body ?? new Blob().stream();
  } finally {
    clearTimeout(timer);
  }
}

async function refusal(connection: Connection, response: Response): Promise<Error> {
  const text = await read(connection, () => response.text());
  const json = parseJson(text);
  const body = Problem.safeParse(json.ok ? json.value : undefined);
  if (body.success) return new ApiRefusal(body.data);
  return unreachable(connection, new Error(`what answers there is no controller (status ${response.status})`));
}

/** Parses part for part; a stream that breaks is a controller that went away. */
async function* parsed<S extends z.ZodType>(
  parts: AsyncGenerator<string>,
  schema: S,
  connection: Connection,
): AsyncGenerator<z.output<S>> {
  try {
    for await (const part of parts) yield schema.parse(JSON.parse(part));
  } catch (error) {
    throw unreachable(connection, error);
  }
}

async function read<T>(connection: Connection, get: () => Promise<T>): Promise<T> {
  try {
    return await get();
  } catch (error) {
    throw unreachable(connection, error);
  }
}

/** An interruption stays what it is: nobody need look for a controller then. */
function unreachable({ server }: Connection, cause: unknown): Error {
  if (!(cause instanceof Error)) throw cause;
  if (cause.name === "AbortError") return cause;
  return new Unreachable(`Cannot reach the controller at ${server}: ${reasonOf(cause)}`, { cause });
}

/** What is followed goes on for ever; only a controller that ends closes it properly. */
function ended(connection: Connection): Error {
  return unreachable(connection, new Error("it ended the stream"));
}

/** What `fetch` says names the address once more; the reason is at the end of its causes. */
function reasonOf(error: Error): string {
  let last = error;
  while (last.cause instanceof Error) last = last.cause;
  if (last.name === "TimeoutError") return `no answer within ${ANSWER_MS / 1_000} s`;
  if (/refused/i.test(last.message)) return "nothing listens there";
  const [distrust] = /invalid peer certificate.*/.exec(`${error.message} ${last.message}`) ?? [];
  if (distrust !== undefined) return `${distrust}; name the authority that vouches for it with --ca-file`;
  if (last.name === "ZodError" || last instanceof SyntaxError) return "its answer is not a controller's";
  return last.message;
}
