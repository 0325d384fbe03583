/**
 * The controller's API as functions: one for each operation, typed by the contract. The command line and the dashboard
 * talk to the controller through this and nothing else. It knows the schemas' types but not the schemas, so that it is
 * small enough for a page; `checked_client.ts` is the same with every answer parsed.
 * @module
 */
import type { z } from "zod";
import { type CallName, CALLS, type Method } from "../contract/calls.ts";
import type { Contract } from "../contract/contract.ts";
import { readEventStream } from "../event_stream.ts";
import { readLines } from "../ndjson.ts";
import { ask, type Call, type Connection, open, unreachable } from "./transport.ts";

const LINE_BYTES_MAX = 64 * 1_024 * 1_024;

/** What is said of any call. */
export interface Options {
  signal: AbortSignal;
  /** For how long an answer may take, if not as usual. */
  answerMs?: number;
}

/** The operations whose answers are streams. */
export type StreamName = "watch" | "readServiceLogs" | "readReplicaLogs";
/** The operations that can be rehearsed. */
type WriteName = { [N in CallName]: Contract[N] extends { query: { dry_run: unknown } } ? N : never }[CallName];
type PlainName = Exclude<CallName, StreamName | WriteName | "getBackup">;

type Answered<N extends CallName> = Contract[N]["answer"] extends { schema: infer S extends z.ZodType } ? z.output<S>
  : string;
type Taken<N extends CallName> = Contract[N] extends { body: { schema: infer S extends z.ZodType } } ? z.input<S>
  : never;
type NamesIn<P> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type QueryOf<N extends CallName, D extends Rehearsing> = Contract[N] extends { query: infer Q }
  ? { readonly [K in keyof Q]?: K extends "dry_run" ? D : string | number | boolean | undefined }
  : Readonly<Record<never, never>>;

/** Whether it is a rehearsal: the value of `dry_run`. */
type Rehearsing = boolean | undefined;
/** What a rehearsal answers: `rehearsal.ts` of the contract says it of values. */
type Rehearsed<N extends WriteName> = Contract[N]["answer"] extends { rehearsal: infer S extends z.ZodType }
  ? z.output<S>
  : Omit<Answered<N>, Contract[N]["answer"] extends { once: readonly (infer Once)[] } ? Once & string : never> & {
    dry_run: true;
  };
/** Either, where that is decided as the program runs. */
type AnswerTo<N extends WriteName, D extends Rehearsing> = D extends true ? Rehearsed<N> : Answered<N>;

/** What a call is given: what its path names, its query, and its body, as JSON or as a text that says it. */
export type Input<N extends CallName, D extends Rehearsing = Rehearsing> =
  & { readonly [K in NamesIn<(typeof CALLS)[N][1]>]: string }
  & { query?: QueryOf<N, D>; ifMatch?: number; idempotencyKey?: string }
  & ([Taken<N>] extends [never] ? Readonly<Record<never, never>>
    : { body?: Taken<N> | string | Uint8Array | ReadableStream<Uint8Array> });

/** What can be asked. */
export type Client =
  & { readonly [N in PlainName]: (input: Input<N>, options: Options) => Promise<Answered<N>> }
  & {
    readonly [N in WriteName]: <D extends Rehearsing = undefined>(
      input: Input<N, D>,
      options: Options,
    ) => Promise<AnswerTo<N, D>>;
  }
  & { readonly [N in StreamName]: (input: Input<N>, options: Options) => AsyncGenerator<Answered<N>> }
  & {
    /** A file of any size, as it comes. */
    getBackup(input: Input<"getBackup">, options: Options): Promise<ReadableStream<Uint8Array>>;
    /** Events as they happen, beginning after the one of that id. `onGone`: some are no longer kept, and left out here. */
    followEvents(
      options: Options & { after: number; onGone?: () => void },
    ): AsyncGenerator<Answered<"listEvents">["events"][number]>;
  };

/** What was asked. */
export interface Asked {
  called: CallName | "followEvents";
  /** Whether `dry_run=true` was said. */
  isRehearsal: boolean;
}

/** Makes sure that an answer, or a part of a stream, is what it should be. */
export type Check = (asked: Asked, value: unknown) => unknown;

const STREAMS: Readonly<Record<StreamName, "events" | "lines">> = {
  watch: "events",
  readServiceLogs: "lines",
  readReplicaLogs: "lines",
};

/** The functions; without a check what comes from this controller is believed. */
export function connect(connection: Connection, check: Check = (_asked, value) => value): Client {
  const calls = Object.entries(CALLS).map(([name, [method, path]]) => {
    const called = name as CallName;
    const callOf = (input: Given, options: Options) => ({ ...made(method, path, input), ...options });
    if (!isStream(called)) {
      return [
        name,
        (input: Given, options: Options) => {
          const asked = { called, isRehearsal: input.query?.dry_run === true };
          return answered(connection, callOf(input, options), (value) => check(asked, value));
        },
      ];
    }
    return [name, (input: Given, options: Options) => streamed(connection, callOf(input, options), { called, check })];
  });
  const followEvents = ({ after, signal, onGone }: Options & { after: number; onGone?: () => void }) => {
    const call = { ...made("GET", CALLS.listEvents[1], { query: { after } }), signal };
    return streamed(connection, call, { called: "followEvents", check, onGone });
  };
  const getBackup = (input: Given, options: Options) =>
    open(connection, { ...made("GET", CALLS.getBackup[1], input), ...options });
  // Each has the type that its entry in the contract gives, which no type of a list of entries can say.
  return { ...Object.fromEntries(calls), getBackup, followEvents } as unknown as Client;
}

/** What any call may be given. */
interface Given {
  [parameter: string]: unknown;
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  body?: unknown;
  ifMatch?: number;
  idempotencyKey?: string;
}

interface Reading {
  called: StreamName | "followEvents";
  check: Check;
  onGone?: (() => void) | undefined;
}

function isStream(name: CallName): name is StreamName {
  return name in STREAMS;
}

function made(method: Method, path: string, given: Given): Omit<Call, "signal"> {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(given[name])));
  const query = Object.entries(given.query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
  );
  const headers = {
    ...(given.ifMatch !== undefined && { "if-match": `"${given.ifMatch}"` }),
    ...(given.idempotencyKey !== undefined && { "idempotency-key": given.idempotencyKey }),
  };
  const search = query.length === 0 ? "" : `?${query.join("&")}`;
  return { method, path: `${filled}${search}`, headers, ...(given.body !== undefined && { body: given.body }) };
}

function answered(connection: Connection, call: Call, check: (value: unknown) => unknown): Promise<unknown> {
  return ask(connection, call, async (response) => {
    const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
    return check(isJson ? await response.json() : await response.text());
  });
}

/** Part for part; one that breaks is a controller that went away. */
async function* streamed(
  connection: Connection,
  call: Call,
  { called, check, onGone }: Reading,
): AsyncGenerator<unknown> {
  const isEvents = called === "followEvents" || STREAMS[called] === "events";
  const headers = { ...call.headers, ...(isEvents && { accept: "text/event-stream" }) };
  const body = await open(connection, { ...call, headers });
  try {
    for await (const part of isEvents ? messages(body, onGone) : readLines(body, { lineBytesMax: LINE_BYTES_MAX })) {
      yield check({ called, isRehearsal: false }, JSON.parse(part));
    }
  } catch (error) {
    throw unreachable(connection, error);
  }
  // What is followed goes on for ever; only a controller that ends closes it properly.
  if (isEvents || /[?&]follow=(true|1)/.test(call.path)) {
    throw unreachable(connection, new Error("it ended the stream"));
  }
}

/** The data of the events proper: by one of another name the controller says that some are no longer kept. */
async function* messages(body: ReadableStream<Uint8Array>, onGone?: () => void): AsyncGenerator<string> {
  for await (const { name, data } of readEventStream(body, { lineBytesMax: LINE_BYTES_MAX })) {
    if (name === "gone") onGone?.();
    else yield data;
  }
}
