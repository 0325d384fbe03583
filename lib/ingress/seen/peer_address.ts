/**
 * Whose request it is. The peer of a connection is its client, unless it is a proxy that the operator trusts: then what
 * that says of its own peer is believed, from right to left, up to the first address that nobody answers for. What stands
 * left of it anybody could have written, and is not passed on.
 * @module
 */
import { type Fields, isNamed } from "../../wire/http1/fields.ts";
import { isAuthority } from "../../wire/http1/target.ts";
import { type Address, formatAddress, isV4, parseAddress } from "../ip_address.ts";
import { isWithin, type Network } from "./networks.ts";

/** So many proxies in a row are a mistake, or an attempt to keep the ingress busy. */
const HOPS_MAX = 32;
const LIST_CHARS_MAX = 4_096;
const CLIENT_BITS_KEPT = 64;

/** The other end of a connection; known once for all its requests. */
export interface Peer {
  readonly address: string;
  readonly isTrusted: boolean;
}

/** How a request came to this host. */
export interface Arrival {
  readonly peer: Peer;
  readonly scheme: "http" | "https";
  /** What was asked for: host and port. */
  readonly host: string;
}

/** Whose request it is, and how it came to the first proxy that can be believed. */
export interface Client {
  readonly address: string;
  readonly scheme: "http" | "https";
  readonly host: string;
  /** For `X-Forwarded-For`: the client and the proxies after it. */
  readonly forwardedFor: string;
}

/** How a request came to a proxy, as that tells. */
interface Way {
  scheme?: string;
  host?: string;
}

/** One step on the way here, as the one after it tells. */
interface Hop extends Way {
  address: string;
}

/** The peer with that address, in whatever way the system writes it. */
export function peerOf(address: string, trusted: readonly Network[]): Peer {
  const known = parseAddress(address);
  if (known === undefined) return { address, isTrusted: false };
  return { address: formatAddress(known), isTrusted: isWithin(known, trusted) };
}

/** The client of a request, by what is known for certain and the fields that a trusted peer may have set. */
export function clientOf(fields: Fields, { peer, scheme, host }: Arrival, trusted: readonly Network[]): Client {
  if (!peer.isTrusted) return { address: peer.address, scheme, host, forwardedFor: peer.address };
  const chain = [peer.address];
  let way = nearest(fields);
  for (const hop of hopsOf(fields, way).slice(-HOPS_MAX).reverse()) {
    const found = parseAddress(withoutPort(hop.address));
    if (found === undefined) break;
    chain.unshift(formatAddress(found));
    way = hop;
    if (!isWithin(found, trusted)) break;
  }
  return {
    address: chain[0] ?? peer.address,
    scheme: schemeOf(way.scheme) ?? scheme,
    host: way.host !== undefined && isAuthority(way.host) ? way.host : host,
    forwardedFor: chain.join(", "),
  };
}

/**
 * Who a client is to a rate limit. A customer of a provider has a whole /64 of IPv6 addresses at least, and would have as
 * many limits.
 */
export function limitKeyOf(client: string): string {
  const address = parseAddress(client);
  if (address === undefined) return client;
  if (isV4(address)) return formatAddress(address);
  const network: Address = [address[0], address[1], 0, 0];
  return `${formatAddress(network)}/${CLIENT_BITS_KEPT}`;
}

/** What the peer says in the older fields, which have a place for one way only. */
function nearest(fields: Fields): Way {
  return { scheme: members(fields, "x-forwarded-proto").at(-1), host: members(fields, "x-forwarded-host").at(-1) };
}

/**
 * The hops that the fields name, the nearest last. `Forwarded` counts only without the older field: proxies that set one
 * kind often let the other pass as it came.
 */
function hopsOf(fields: Fields, way: Way): Hop[] {
  const addresses = members(fields, "x-forwarded-for");
  if (addresses.length > 0) return addresses.map((address) => ({ ...way, address }));
  return members(fields, "forwarded").map(forwardedHop);
}

/** One element of `Forwarded` (RFC 7239). Elements whose quoted values hold a comma or semicolon are of no use here. */
function forwardedHop(element: string): Hop {
  const pairs = element.split(";").map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return [pair.slice(0, Math.max(at, 0)).trim().toLowerCase(), unquoted(pair.slice(at + 1).trim())];
  });
  const named = new Map(pairs);
  return { address: named.get("for") ?? "", scheme: named.get("proto"), host: named.get("host") };
}

/** The members of all fields of that name; the nearest hops are at the end. */
function members(fields: Fields, name: string): string[] {
  let whole = "";
  for (const field of fields) {
    if (isNamed(field, name)) whole = whole === "" ? field[1] : `${whole},${field[1]}`;
  }
  if (whole === "") return [];
  return whole.slice(-LIST_CHARS_MAX).split(",").map((member) => member.trim()).filter((member) => member !== "");
}

/** `192.0.2.1:80`, `[2001:db8::1]:80` and `[2001:db8::1]` without what isn't the address. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text);
  if (bracketed !== null) return bracketed[1] ?? "";
  return text.replace(/^([\d.]+):\d{1,5}$/, "$1");
}

function schemeOf(text: string | undefined): "http" | "https" | undefined {
  const lower = text?.toLowerCase();
  return lower === "http" || lower === "https" ? lower : undefined;
}

function unquoted(text: string): string {
  return /^".*"$/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
}
