/**
 * A client and a server machine with a wire between them, and a schedule that decides who moves next and by how much:
 * bytes are delivered in pieces of any size, content is taken late and in parts. What each side sent and got is kept.
 * @module
 */

import { assert } from "@std/assert";
import type { Fields } from "../../../lib/wire/http1/fields.ts";
import { ClientMachine } from "../../../lib/wire/http2/client.ts";
import type { Event } from "../../../lib/wire/http2/event.ts";
import { CLIENT_LIMITS, type Limits, SERVER_LIMITS } from "../../../lib/wire/http2/limits.ts";
import { ServerMachine } from "../../../lib/wire/http2/server.ts";
import type { AnyHead } from "./frames.ts";

/** A message's content, as the sizes of the pieces it is given in, and what follows it. */
export interface Message {
  pieces: readonly number[];
  trailers: Fields;
}

export interface Exchange {
  request: Message;
  answer: Message;
  /** Whether the server answers when the request is complete, or as soon as it begins. */
  answers: "at the end" | "at once";
}

/** What came of a message. */
export interface Got {
  bytes: number;
  checksum: number;
  trailers: Fields;
}

const STEPS_MAX = 200_000;

/** Runs all exchanges to their ends; `chance` decides each step. */
export function runSession(
  exchanges: readonly Exchange[],
  { chance, limits = {} }: { chance: () => number; limits?: Partial<Limits> },
): { got: Map<string, Got>; events: string[]; client: ClientMachine; server: ServerMachine } {
  const client = new Side(new ClientMachine({ ...CLIENT_LIMITS, ...limits }), "client");
  const server = new Side(new ServerMachine({ ...SERVER_LIMITS, ...limits }), "server");
  const of = (stream: number) => exchanges[(stream - 1) / 2]!;
  server.onBegin = (stream) => of(stream).answers === "at once" && answer(stream);
  server.onEnd = (stream) => of(stream).answers === "at the end" && answer(stream);
  const answer = (stream: number) => {
    server.machine.respond(stream, { status: 200, fields: [["x-stream", String(stream)]] });
    server.send(stream, of(stream).answer);
  };
  let begun = 0;
  for (let step = 0;; step++) {
    assert(step < STEPS_MAX, "the session doesn't come to an end");
    const isQuiet = begun === exchanges.length && client.machine.streamCount + server.machine.streamCount === 0;
    if (isQuiet && client.wire.length + server.wire.length === 0) break;
    if (begun < exchanges.length && client.machine.mayRequest && chance() < 0.2) {
      const request = { method: "POST", scheme: "http", authority: "a.test", path: `/${begun}`, fields: [] } as const;
      client.send(client.machine.request(request), exchanges[begun++]!.request);
    }
    for (const [from, to] of [[client, server], [server, client]] as const) {
      if (chance() < 0.5) from.write();
      if (chance() < 0.5) to.read(from, Math.ceil(chance() * chance() * 40_000));
      if (chance() < 0.3) to.take(chance());
    }
  }
  return {
    got: new Map([...client.got, ...server.got]),
    events: [...client.events, ...server.events],
    client: client.machine,
    server: server.machine,
  };
}

/** One side with the application on it. */
class Side<M extends ClientMachine | ServerMachine> {
  readonly machine: M;
  readonly #name: string;
  /** Written, and not yet delivered. */
  wire: Uint8Array = new Uint8Array(0);
  readonly got = new Map<string, Got>();
  readonly events: string[] = [];
  onBegin: (stream: number) => void = () => {};
  onEnd: (stream: number) => void = () => {};
  readonly #untaken = new Map<number, number>();
  readonly #unsent = new Map<number, { pieces: number[]; sent: number; trailers: Fields }>();

  constructor(machine: M, name: string) {
    this.machine = machine;
    this.#name = name;
  }

  send(stream: number, { pieces, trailers }: Message): void {
    this.#unsent.set(stream, { pieces: [...pieces], sent: 0, trailers });
    this.#goOn(stream);
  }

  write(): void {
    this.#listen();
    this.wire = joined(this.wire, this.machine.output());
    this.#listen();
  }

  read(from: { wire: Uint8Array }, count: number): void {
    if (this.machine.isStalled) return;
    const piece = from.wire.slice(0, count);
    from.wire = from.wire.slice(count);
    this.machine.push(piece, 0);
    this.#listen();
    piece.fill(0xee);
  }

  take(share: number): void {
    for (const [stream, untaken] of this.#untaken) {
      const taken = Math.ceil(untaken * share);
      this.machine.took(stream, taken);
      this.#untaken.set(stream, untaken - taken);
    }
  }

  #listen(): void {
    for (let event = this.machine.next(); event !== undefined; event = this.machine.next()) this.#on(event);
  }

  #on(event: Event<AnyHead>): void {
    switch (event.kind) {
      case "request":
      case "response":
        this.got.set(this.#key(event.stream), { bytes: 0, checksum: 0, trailers: [] });
        return this.onBegin(event.stream);
      case "data": {
        const got = this.got.get(this.#key(event.stream))!;
        for (const octet of event.bytes) got.checksum = (got.checksum * 31 + octet) >>> 0;
        got.bytes += event.bytes.length;
        this.#untaken.set(event.stream, (this.#untaken.get(event.stream) ?? 0) + event.bytes.length);
        return;
      }
      case "end":
        this.got.get(this.#key(event.stream))!.trailers = event.trailers;
        return this.onEnd(event.stream);
      case "drain":
        return this.#goOn(event.stream);
      default:
        this.events.push(`${this.#name}: ${JSON.stringify(event)}`);
    }
  }

  #goOn(stream: number): void {
    const unsent = this.#unsent.get(stream)!;
    for (let size = unsent.pieces.shift(); size !== undefined; size = unsent.pieces.shift()) {
      const bytes = contentOf(stream, unsent.sent, size);
      unsent.sent += size;
      const may = this.machine.data(stream, bytes);
      bytes.fill(0xee);
      if (may === "wait") return;
    }
    this.machine.end(stream, unsent.trailers);
  }

  #key(stream: number): string {
    return `${this.#name} ${stream}`;
  }
}

/** The octets of a message's content, which differ by stream and place. */
export function contentOf(stream: number, from: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (from + at) * 7 + stream & 0xff);
}

export function checksumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, octet) => (sum * 31 + octet) >>> 0, 0);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
