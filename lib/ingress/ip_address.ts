/**
 * IP addresses as numbers, so that what is the same address is equal however it was written: an IPv4 address is the IPv6
 * address that stands for it (`::ffff:a.b.c.d`), and a zone (`%eth0`) belongs to this host and not to the address.
 * Networks are compared by these, clients told apart, and headers of the PROXY protocol made of them.
 * @module
 */

/** Four words of 32 bits. */
export type Address = readonly [number, number, number, number];

/** The third word of an IPv4 address in IPv6. */
const MAPPED = 0xffff;
const GROUPS = 8;
/** An IPv6 address with an IPv4 tail, and a zone. */
const TEXT_MAX = 45 + 1 + 32;

/** The address that a text means, without a port and brackets; undefined when it means none. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > TEXT_MAX) return undefined;
  if (!text.includes(":")) {
    const word = v4Word(text);
    return word === undefined ? undefined : [0, 0, MAPPED, word];
  }
  const [address = "", zone] = text.split("%", 2);
  if (zone !== undefined && !/^[\w.~-]+$/.test(zone)) return undefined;
  return v6Address(address);
}

export function isV4([first, second, third]: Address): boolean {
  return first === 0 && second === 0 && third === MAPPED;
}

/** The address as it is usually written (RFC 5952). */
export function formatAddress(address: Address): string {
  if (isV4(address)) return v4Text(address[3]);
  const groups = address.flatMap((word) => [word >>> 16, word & 0xffff]);
  const { start, length } = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

export const V4_BYTES = 4;
export const V6_BYTES = 16;

/** The address that 4 or 16 bytes stand for. */
export function addressOf(bytes: Uint8Array): Address {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === V4_BYTES) return [0, 0, MAPPED, view.getUint32(0)];
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
}

/** An address in so many bytes; of one of IPv6 there is none in 4. */
export function bytesOf(address: Address, length: typeof V4_BYTES | typeof V6_BYTES): Uint8Array {
  const bytes = new Uint8Array(V6_BYTES);
  const view = new DataView(bytes.buffer);
  address.forEach((word, at) => view.setUint32(4 * at, word));
  return bytes.subarray(V6_BYTES - length);
}

function v4Text(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}

function v4Word(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let word = 0;
  for (const part of match.slice(1)) {
    // A leading zero is octal to some readers.
    if (Number(part) > 255 || (part.length > 1 && part.startsWith("0"))) return undefined;
    word = word * 256 + Number(part);
  }
  return word;
}

function v6Address(text: string): Address | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [before, after] = halves.map((half, index) => groupsOf(half, { isLast: index === halves.length - 1 }));
  if (before === undefined) return undefined;
  if (halves.length === 1) return before.length === GROUPS ? wordsOf(before) : undefined;
  const zeros = GROUPS - before.length - (after?.length ?? 0);
  if (after === undefined || zeros < 1) return undefined;
  return wordsOf([...before, ...Array<number>(zeros).fill(0), ...after]);
}

/** The groups of 16 bits between colons; the very last may be an IPv4 address. */
function groupsOf(text: string, { isLast }: { isLast: boolean }): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const tail = isLast && parts.at(-1)?.includes(".") ? v4Word(parts.pop() ?? "") : 0;
  if (tail === undefined || !parts.every((part) => /^[\da-f]{1,4}$/i.test(part))) return undefined;
  const groups = parts.map((part) => parseInt(part, 16));
  return text.includes(".") ? [...groups, tail >>> 16, tail & 0xffff] : groups;
}

function wordsOf(groups: readonly number[]): Address {
  const word = (at: number) => ((groups[at] ?? 0) * 0x1_0000) + (groups[at + 1] ?? 0);
  return [word(0), word(2), word(4), word(6)];
}

/** Of several runs of the same length the first. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, at) => {
    if (group !== 0) start = at + 1;
    else if (at + 1 - start > longest.length) longest = { start, length: at + 1 - start };
  });
  return longest;
}
