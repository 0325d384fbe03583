/**
 * The PROXY protocol: what a proxy says before all else on a connection, so that who is behind it knows where the
 * connection came from. Version 2 (bytes) is written; version 2 and 1 (a line of text) are read. Pure: bytes in, facts
 * or bytes out. After HAProxy's `proxy-protocol.txt`, 2020/03/05.
 * @module
 */
import { addressOf, bytesOf, formatAddress, isV4, parseAddress, V4_BYTES, V6_BYTES } from "../ip_address.ts";

/** Where a connection came from and where it was going to. */
export interface Ends {
  readonly source: Place;
  readonly destination: Place;
}

export interface Place {
  readonly hostname: string;
  readonly port: number;
}

export type ProxyHeader =
  | { readonly kind: "more" }
  /** `ends` is undefined where the proxy speaks for itself, or of something that has no IP address. */
  | { readonly kind: "header"; readonly ends: Ends | undefined; readonly rest: Uint8Array }
  | { readonly kind: "refused"; readonly reason: string };

/** Of a whole header with all that it carries beside addresses. */
const HEADER_BYTES_MAX = 4_096;
const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
/** The signature, version and command, family, and the length of what follows. */
const FIXED_BYTES = 16;
const VERSION = 2;
const [LOCAL, PROXY] = [0, 1];
const [UNKNOWN, TCP4, TCP6, UNIX] = [0x00, 0x11, 0x21, 0x31];
const PORTS_BYTES = 4;
const PORT_MAX = 65_535;

const TEXT_BEGINNING = new TextEncoder().encode("PROXY ");
/** With its CR LF. */
const TEXT_BYTES_MAX = 107;
const TEXT = /^PROXY (?:UNKNOWN(?: [\x20-\x7e]*)?|TCP([46]) ([^ ]+) ([^ ]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4}))$/;
const [CR, LF] = [0x0d, 0x0a];

/** A header of version 2. Ends of different families are both told as IPv6; what is no address is not told. */
export function encodeProxyHeader({ source, destination }: Ends): Uint8Array {
  const [from, to] = [parseAddress(source.hostname), parseAddress(destination.hostname)];
  if (from === undefined || to === undefined) return fixedPart(UNKNOWN, new Uint8Array(0));
  const isIpv4 = isV4(from) && isV4(to);
  const addresses = [from, to].flatMap((address) => [...bytesOf(address, isIpv4 ? V4_BYTES : V6_BYTES)]);
  const ports = [source.port, destination.port].flatMap((port) => [port >> 8, port & 0xff]);
  return fixedPart(isIpv4 ? TCP4 : TCP6, Uint8Array.of(...addresses, ...ports));
}

/** Reads a header as it comes. What it says is settled once it says anything but `more`. */
export class ProxyHeaderReader {
  readonly #held = new Uint8Array(HEADER_BYTES_MAX);
  #length = 0;

  push(bytes: Uint8Array): ProxyHeader {
    const taken = bytes.subarray(0, HEADER_BYTES_MAX - this.#length);
    this.#held.set(taken, this.#length);
    const before = this.#length;
    this.#length += taken.length;
    const read = readHeader(this.#held.subarray(0, this.#length));
    if (read === "more") return { kind: "more" };
    if ("reason" in read) return { kind: "refused", reason: read.reason };
    // It ends in these bytes, or it would have ended before.
    return { kind: "header", ends: read.ends, rest: bytes.slice(read.length - before) };
  }
}

type HeaderRead = "more" | { reason: string } | { ends: Ends | undefined; length: number };

/** Goes by the bytes in their order, so that more of them never change what fewer have shown. */
function readHeader(bytes: Uint8Array): HeaderRead {
  if (beginsLike(bytes, SIGNATURE)) return bytes.length < FIXED_BYTES ? "more" : readBinary(bytes);
  if (beginsLike(bytes, TEXT_BEGINNING)) return readText(bytes);
  return { reason: "it does not begin with a header of the PROXY protocol" };
}

function readBinary(bytes: Uint8Array): HeaderRead {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [version, command, family] = [view.getUint8(12) >> 4, view.getUint8(12) & 0xf, view.getUint8(13)];
  const length = FIXED_BYTES + view.getUint16(14);
  if (version !== VERSION) return { reason: `version ${version} of the PROXY protocol is not known` };
  if (command !== LOCAL && command !== PROXY) return { reason: `command ${command} is not known` };
  if (length > HEADER_BYTES_MAX) return { reason: `a header of ${length} bytes: at most ${HEADER_BYTES_MAX}` };
  // What a proxy asks for itself, such as whether we are well, has no ends whatever it says of them.
  const addressed = command === LOCAL ? UNKNOWN : family;
  if (![UNKNOWN, TCP4, TCP6, UNIX].includes(addressed)) {
    return { reason: `family and protocol 0x${family.toString(16).padStart(2, "0")} are no stream's` };
  }
  if (addressed === UNKNOWN || addressed === UNIX) return bytes.length < length ? "more" : { ends: undefined, length };
  const size = addressed === TCP4 ? V4_BYTES : V6_BYTES;
  const portsAt = FIXED_BYTES + 2 * size;
  if (length < portsAt + PORTS_BYTES) return { reason: "it is too short for its addresses" };
  // What follows the addresses is said beside them, and is not for us.
  if (bytes.length < length) return "more";
  const place = (nth: 0 | 1): Place => ({
    hostname: formatAddress(addressOf(bytes.subarray(FIXED_BYTES + nth * size, FIXED_BYTES + (nth + 1) * size))),
    port: view.getUint16(portsAt + 2 * nth),
  });
  return { ends: { source: place(0), destination: place(1) }, length };
}

function readText(bytes: Uint8Array): HeaderRead {
  const line = bytes.subarray(0, TEXT_BYTES_MAX);
  const at = line.findIndex((byte, index) => byte === CR && line[index + 1] === LF);
  if (at === -1) {
    return bytes.length < TEXT_BYTES_MAX ? "more" : { reason: `no end of line in ${TEXT_BYTES_MAX} bytes` };
  }
  const match = TEXT.exec(String.fromCharCode(...line.subarray(0, at)));
  if (match === null) return { reason: "its line is malformed" };
  const [, family, from, to, fromPort, toPort] = match;
  const length = at + 2;
  if (family === undefined) return { ends: undefined, length };
  const [source, destination] = [placeOf(from, fromPort, family), placeOf(to, toPort, family)];
  if (source === undefined || destination === undefined) return { reason: "its line names no addresses and ports" };
  return { ends: { source, destination }, length };
}

function placeOf(hostname = "", port = "", family: string): Place | undefined {
  const address = parseAddress(hostname);
  const isOfFamily = hostname.includes(":") === (family === "6") && !hostname.includes("%");
  if (address === undefined || !isOfFamily || Number(port) > PORT_MAX) return undefined;
  return { hostname: formatAddress(address), port: Number(port) };
}

function fixedPart(family: number, rest: Uint8Array): Uint8Array {
  return Uint8Array.of(...SIGNATURE, (VERSION << 4) | PROXY, family, rest.length >> 8, rest.length & 0xff, ...rest);
}

/** Whether they agree as far as both go. */
function beginsLike(bytes: Uint8Array, beginning: Uint8Array): boolean {
  return bytes.subarray(0, beginning.length).every((byte, at) => byte === beginning[at]);
}
