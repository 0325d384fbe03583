/**
 * Sets of addresses as an operator writes them, such as `10.0.0.0/8,fd00::/8,192.0.2.7` for `--trusted-proxies`.
 * `peer_address.ts` asks whether a peer is in one.
 * @module
 */
import { type Address, formatAddress, isV4, parseAddress } from "../ip_address.ts";

const NETWORKS_MAX = 1_000;
const V6_BITS = 128;
/** How many bits of an IPv4 address in IPv6 are the same for all. */
const V4_PREFIX_BITS = 96;
const WORD_BITS = 32;
const ALL_ONES = 0xffff_ffff;

/** All addresses that begin with the same bits. */
export interface Network {
  readonly address: Address;
  readonly mask: Address;
}

/** The networks of a list with commas. Throws a `RangeError` that names the entry and says what is wrong with it. */
export function parseNetworks(text: string): Network[] {
  const entries = text.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
  if (entries.length > NETWORKS_MAX) {
    throw new RangeError(`Cannot read networks: ${entries.length} of them; give at most ${NETWORKS_MAX}`);
  }
  return entries.map(parseNetwork);
}

/** Whether an address is in one of the networks. IPv4 is in none of IPv6, not even in `::/0`. */
export function isWithin(address: Address, networks: readonly Network[]): boolean {
  const isShort = isV4(address);
  return networks.some((network) =>
    (!isShort || network.mask[2] === ALL_ONES) &&
    network.address.every((word, at) => word === masked(address, network.mask, at))
  );
}

function parseNetwork(entry: string): Network {
  const [text = "", bitsText, more] = entry.split("/");
  const address = text.includes("%") ? undefined : parseAddress(text);
  if (address === undefined || more !== undefined) {
    throw fault(entry, "expected an IPv4 or IPv6 address, perhaps with a prefix length, such as 10.0.0.0/8");
  }
  const isShort = isV4(address) && !text.includes(":");
  const bitsMax = isShort ? V6_BITS - V4_PREFIX_BITS : V6_BITS;
  const bits = bitsText === undefined ? bitsMax : /^(0|[1-9]\d{0,2})$/.test(bitsText) ? Number(bitsText) : Infinity;
  if (bits > bitsMax) throw fault(entry, `its prefix length must be from 0 to ${bitsMax}`);
  const mask = maskOf(isShort ? bits + V4_PREFIX_BITS : bits);
  const first = mask.map((_, at) => masked(address, mask, at)) as unknown as Address;
  if (first.some((word, at) => word !== address[at])) {
    throw fault(entry, `it has bits behind its prefix: give ${formatAddress(first)}/${bits}, or ${text} alone`);
  }
  return { address: first, mask };
}

function maskOf(bits: number): Address {
  const word = (at: number) => {
    const ones = Math.min(Math.max(bits - at * WORD_BITS, 0), WORD_BITS);
    return ones === 0 ? 0 : (ALL_ONES << (WORD_BITS - ones)) >>> 0;
  };
  return [word(0), word(1), word(2), word(3)];
}

function masked(address: Address, mask: Address, at: number): number {
  return ((address[at] ?? 0) & (mask[at] ?? 0)) >>> 0;
}

function fault(entry: string, what: string): RangeError {
  return new RangeError(`Cannot read networks: ${JSON.stringify(entry)}: ${what}`);
}
