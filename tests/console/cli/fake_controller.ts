/**
 * A controller made of canned answers, and screens that keep what is written: what the tests of the commands share.
 * @module
 */
import type { Io } from "../../../lib/console/cli/command.ts";
import type { Screen } from "../../../lib/console/cli/screen.ts";
import { runCommand } from "../../../lib/console/cli/run.ts";
import type { WatchMessage } from "../../../lib/wire/watch.ts";

type Answer = (request: Request) => Response | Promise<Response>;

/** Serves each path with its answer, at an address of its own. */
export function fakeController(answers: Readonly<Record<string, Answer>>): AsyncDisposable & { server: string } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    return answers[pathname]?.(request) ??
      refusal(404, "no such path");
  });
  return { server: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** What `GET /v1/watch` answers: these messages, and no end. */
export function watchStream(...messages: readonly WatchMessage[]): Response {
  const text = messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join("");
  const stream = new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode(text)) });
  return new Response(stream, { headers: { "content-type": "text/event-stream" } });
}

/** A problem as a controller answers it. */
export function refusal(status: number, detail: string): Response {
  return Response.json({ type: "urn:x", title: "No", status, detail }, { status });
}

export interface Outcome {
  code: number;
  out: string;
  errors: string;
}

export interface Call {
  env?: Readonly<Record<string, string>>;
  /** Files by their paths; what is written is put here as well. */
  files?: Record<string, string>;
  /** The files' permissions, 0600 unless said otherwise. */
  modes?: Readonly<Record<string, number>>;
  input?: string;
  /** What a person says when asked; nobody is there unless given. */
  answer?: string;
  /** The terminal that data is shown on; a pipe unless given. */
  terminal?: { width: number; colours: boolean; live?: boolean };
  signal?: AbortSignal;
  /** Told of all that was written so far. */
  onOut?: (out: string) => void;
  /** The same of what is said beside the data. */
  onErrors?: (errors: string) => void;
}

/** Runs a command line to its end. */
export async function run([name = "", ...args]: readonly string[], call: Call = {}): Promise<Outcome> {
  const { env = {}, files = {}, modes = {}, input = "", terminal = { width: undefined, colours: false } } = call;
  const { signal = new AbortController().signal, onOut = () => {}, onErrors = () => {} } = call;
  const written = { out: "", errors: "" };
  const screen = (key: keyof typeof written): Screen => ({
    ...terminal,
    height: terminal.width === undefined ? undefined : 24,
    live: call.terminal?.live ?? false,
    write: (text) => {
      written[key] += text;
      (key === "out" ? onOut : onErrors)(written[key]);
      return Promise.resolve();
    },
  });
  const there = (path: string) =>
    path in files ? Promise.resolve() : Promise.reject(new Deno.errors.NotFound(`no ${path}`));
  const io: Io = {
    env: { get: (name) => env[name] },
    readFile: (path) => there(path).then(() => files[path] ?? ""),
    modeOf: (path) => there(path).then(() => modes[path] ?? 0o600),
    writeFile: (path, text) => {
      files[path] = text;
      return Promise.resolve();
    },
    readInput: () => Promise.resolve(input),
    readAnswer: () => Promise.resolve(call.answer),
    out: screen("out"),
    errors: screen("errors"),
    signal,
  };
  return { code: await runCommand(name, args, io), ...written };
}
