/**
 * IP addresses between text and bytes, as the PROXY protocol carries them. Pure. Text comes from sockets and from peers:
 * what is no address is no error here.
 * @module
 */

export const IPV4_BYTES = 4;
export const IPV6_BYTES = 16;
const GROUPS = 8;
const TEXT_MAX = 64;

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
/** `::ffff:0:0/96`: IPv4 as sockets of IPv6 name it. */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Its 4 or 16 bytes; undefined where the text is no address. The zone of a link-local one is left out. */
export function addressBytes(text: string): Uint8Array | undefined {
  if (text.length > TEXT_MAX) return undefined;
  if (IPV4.test(text)) return Uint8Array.from(text.split("."), Number);
  const [bare = ""] = text.split("%", 1);
  const groups = groupsOf(bare);
  return groups && Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** As RFC 5952 writes it. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === IPV4_BYTES) return bytes.join(".");
  if (MAPPED.every((byte, at) => bytes[at] === byte)) return `::ffff:${bytes.subarray(MAPPED.length).join(".")}`;
  const groups = Array.from({ length: GROUPS }, (_, at) => (bytes[2 * at]! << 8) | bytes[2 * at + 1]!);
  const { at, length } = longestZeros(groups);
  const inHex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (length < 2) return inHex(groups);
  return `${inHex(groups.slice(0, at))}::${inHex(groups.slice(at + length))}`;
}

/** As IPv6 carries it. */
export function asIpv6(bytes: Uint8Array): Uint8Array {
  return bytes.length === IPV6_BYTES ? bytes : Uint8Array.of(...MAPPED, ...bytes);
}

function groupsOf(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, at) => groupsOfHalf(half, { last: at === halves.length - 1 }));
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === GROUPS ? head : undefined;
  if (tail === undefined) return undefined;
  const gap = GROUPS - head.length - tail.length;
  return gap < 1 ? undefined : [...head, ...new Array<number>(gap).fill(0), ...tail];
}

/** Groups between colons; the last two of an address may be written as IPv4. */
function groupsOfHalf(half: string, { last }: { last: boolean }): number[] | undefined {
  if (half === "") return [];
  const parts = half.split(":");
  const end = parts.at(-1) ?? "";
  const dotted = last && IPV4.test(end) ? end.split(".").map(Number) : undefined;
  const hex = dotted === undefined ? parts : parts.slice(0, -1);
  if (!hex.every((part) => GROUP.test(part))) return undefined;
  const groups = hex.map((part) => Number.parseInt(part, 16));
  if (dotted === undefined) return groups;
  const [a = 0, b = 0, c = 0, d = 0] = dotted;
  return [...groups, (a << 8) | b, (c << 8) | d];
}

/** The longest run of zeros, the first of several. */
function longestZeros(groups: readonly number[]): { at: number; length: number } {
  let longest = { at: 0, length: 0 };
  for (let at = 0; at < groups.length; at++) {
    let end = at;
    while (groups[end] === 0) end++;
    if (end - at > longest.length) longest = { at, length: end - at };
    at = Math.max(at, end);
  }
  return longest;
}
