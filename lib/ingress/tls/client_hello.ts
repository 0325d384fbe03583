/**
 * What a client says first on a TLS port (RFC 8446, 4.1.2): for which host it came and what it can speak, read without
 * taking part in TLS, so that the certificate can be chosen. All that came is kept as it came, since whoever speaks TLS
 * with the client has to read it again. Pure.
 * @module
 */

/** What browsers send has 2 KiB at most. */
export const HELLO_BYTES_MAX = 16_384;

const BUFFER_BYTES_MIN = 2_048;
const RECORD_HEADER_BYTES = 5;
const MESSAGE_HEADER_BYTES = 4;
const RANDOM_BYTES = 32;
const HANDSHAKE_RECORD = 22;
const MAJOR_VERSION = 3;
const CLIENT_HELLO = 1;
const HOST_NAME = 0;
const [SERVER_NAME, PROTOCOLS, VERSIONS] = [0, 16, 43];
const NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const NAME_CHARS_MAX = 253;

export interface ClientHello {
  /** The host that it came for, in lower case; undefined where it doesn't say. */
  readonly name: string | undefined;
  /** What it can speak within TLS, the best first: `h2`, `http/1.1`. */
  readonly protocols: readonly string[];
  /** Versions of TLS, as they are numbered: 0x0303 is 1.2, 0x0304 is 1.3. Some are made up, to be ignored. */
  readonly versions: readonly number[];
}

export type HelloRead =
  | { readonly kind: "more" }
  | { readonly kind: "hello"; readonly hello: ClientHello }
  /** It doesn't speak TLS at all. */
  | { readonly kind: "foreign" }
  /** It speaks TLS, but not by its rules, or too much. */
  | { readonly kind: "malformed"; readonly reason: string };

const MORE: HelloRead = { kind: "more" };

export class ClientHelloReader {
  #bytes = new Uint8Array(BUFFER_BYTES_MIN);
  #length = 0;
  /** Where the record begins that has not come whole. */
  #record = 0;
  /** What the records hold. */
  #message = new Uint8Array(0);

  /** All that was pushed, in order. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes in what came next; not to be called again once the answer is other than "more". */
  push(bytes: Uint8Array): HelloRead {
    if (this.#length + bytes.length > HELLO_BYTES_MAX) return malformed(`it has more than ${HELLO_BYTES_MAX} bytes`);
    this.#append(bytes);
    for (;;) {
      const header = this.#bytes.subarray(this.#record, this.#length);
      const [type = HANDSHAKE_RECORD, major = MAJOR_VERSION] = header;
      if (type !== HANDSHAKE_RECORD || major !== MAJOR_VERSION) return this.#strange();
      if (header.length < RECORD_HEADER_BYTES) return MORE;
      const size = uint16(header, 3);
      if (size === 0) return malformed("a record is empty");
      if (header.length < RECORD_HEADER_BYTES + size) {
        return RECORD_HEADER_BYTES + size > HELLO_BYTES_MAX ? malformed("a record is too long") : MORE;
      }
      this.#message = joined(this.#message, header.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + size));
      this.#record += RECORD_HEADER_BYTES + size;
      const read = this.#readMessage();
      if (read !== MORE) return read;
    }
  }

  #readMessage(): HelloRead {
    const message = this.#message;
    if (message[0] !== CLIENT_HELLO) return malformed("it does not begin with a ClientHello");
    if (message.length < MESSAGE_HEADER_BYTES) return MORE;
    const end = MESSAGE_HEADER_BYTES + uint24(message, 1);
    if (end > HELLO_BYTES_MAX) return malformed(`it has more than ${HELLO_BYTES_MAX} bytes`);
    if (message.length < end) return MORE;
    const hello = helloIn(new Span(message.subarray(MESSAGE_HEADER_BYTES, end)));
    return hello === undefined ? malformed("its fields don't fit together") : { kind: "hello", hello };
  }

  /** Who began with TLS and went on otherwise can read an alert. */
  #strange(): HelloRead {
    return this.#record === 0 ? { kind: "foreign" } : malformed("a record is of another kind");
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(HELLO_BYTES_MAX, Math.max(needed, this.#bytes.length * 2)));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = needed;
  }
}

/** Undefined where lengths and content differ. */
function helloIn(body: Span): ClientHello | undefined {
  const version = body.number(2);
  body.take(RANDOM_BYTES);
  body.part(1); // session
  body.part(2); // ciphers
  body.part(1); // compressions
  const hello = { name: undefined as string | undefined, protocols: [] as string[], versions: [version] };
  // Extensions are missing altogether in the oldest clients.
  const extensions = body.left === 0 ? body : body.part(2);
  while (extensions.left > 0 && !extensions.isBroken) {
    const type = extensions.number(2);
    const content = extensions.part(2);
    if (type === SERVER_NAME) {
      const name = nameIn(content);
      if (name === undefined || hello.name !== undefined) return undefined;
      hello.name = name;
    } else if (type === PROTOCOLS) hello.protocols = protocolsIn(content);
    else if (type === VERSIONS) hello.versions = versionsIn(content);
    if (content.isBroken) return undefined;
  }
  return body.isBroken || extensions.isBroken || body.left > 0 ? undefined : hello;
}

/** The first host name; there is no other kind, and more than one is not allowed. */
function nameIn(content: Span): string | undefined {
  const list = content.part(2);
  const type = list.number(1);
  const name = list.part(2).text().toLowerCase();
  if (list.isBroken || list.left > 0 || content.left > 0 || type !== HOST_NAME) return undefined;
  return name.length <= NAME_CHARS_MAX && NAME.test(name) ? name : undefined;
}

function protocolsIn(content: Span): string[] {
  const list = content.part(2);
  const protocols: string[] = [];
  while (list.left > 0 && !list.isBroken) protocols.push(list.part(1).text());
  content.isBroken ||= list.isBroken;
  return protocols;
}

function versionsIn(content: Span): number[] {
  const list = content.part(1);
  const versions: number[] = [];
  while (list.left > 0 && !list.isBroken) versions.push(list.number(2));
  content.isBroken ||= list.isBroken;
  return versions;
}

/** Bytes that are read from the front. Reading beyond the end gives nothing and breaks it. */
class Span {
  readonly #bytes: Uint8Array;
  #at = 0;
  isBroken = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(count: number): Uint8Array {
    if (count > this.left) {
      this.isBroken = true;
      this.#at = this.#bytes.length;
      return this.#bytes.subarray(this.#at);
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** An unsigned number of so many bytes. */
  number(size: 1 | 2): number {
    return this.take(size).reduce((number, byte) => number << 8 | byte, 0);
  }

  /** What follows after its own length, which has so many bytes. */
  part(size: 1 | 2): Span {
    const part = new Span(this.take(this.number(size)));
    part.isBroken = this.isBroken;
    return part;
  }

  /** Each byte as a character. */
  text(): string {
    return String.fromCharCode(...this.#bytes);
  }
}

function malformed(reason: string): HelloRead {
  return { kind: "malformed", reason };
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0);
}

function uint24(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 16 | uint16(bytes, at + 1);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
