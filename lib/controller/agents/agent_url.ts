/**
 * Which addresses an agent may have. Who can add a node decides where the controller connects to, so that link-local
 * and metadata addresses are refused, in whatever form they come: the URL parser turns decimal, octal and hex forms into
 * dotted ones, and names are looked up. `AgentClient` connects to the address that was checked here and to no other.
 * @module
 */
import { lookup as lookUp } from "node:dns/promises";

const URL_MAX = 2_048;

/** What is wrong with an address, in words. */
export type Refused = { kind: "refused"; detail: string };

/** Reads the URL of an agent. What is left is its origin. */
export function readAgentUrl(text: string): { kind: "url"; url: string } | Refused {
  const example = "expected something like http://127.0.0.1:9090";
  if (text.length > URL_MAX) return refused(`the URL has more than ${URL_MAX} characters`);
  const url = URL.parse(text);
  if (url === null) return refused(`it is no URL; ${example}`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return refused(`"${url.protocol}//" is not spoken here; ${example}`);
  }
  if (url.username !== "" || url.password !== "") {
    return refused("credentials do not belong in the URL; leave them out");
  }
  if (text.includes("#")) return refused("a fragment has no meaning here; leave it out");
  if (url.pathname !== "/" || url.search !== "") return refused(`only host and port are wanted; give ${url.origin}`);
  if (url.port === "0") return refused("port 0 is no port; expected 1 to 65535");
  const detail = forbiddenAddress(url.hostname);
  return detail === undefined ? { kind: "url", url: url.origin } : refused(detail);
}

/** All addresses of a host name. */
export type Lookup = (hostname: string) => Promise<string[]>;

export type Resolved = { kind: "resolved"; address: string } | { kind: "unresolved"; detail: string } | Refused;

/** The address behind a host that is a name; one forbidden address among several is enough to refuse it. */
export async function resolveHost(hostname: string, lookup: Lookup): Promise<Resolved> {
  const addresses = await lookup(hostname);
  for (const address of addresses) {
    const detail = forbiddenAddress(address);
    if (detail !== undefined) return refused(`${hostname} is ${detail}`);
  }
  const [address] = addresses;
  if (address === undefined) return { kind: "unresolved", detail: `no address is known for ${hostname}` };
  return { kind: "resolved", address };
}

/** Whether two URLs lead to one port of one host, as `localhost` and `127.0.0.1` do. */
export async function isSamePlace(urls: readonly [string, string], lookup: Lookup): Promise<boolean> {
  const [a, b] = [new URL(urls[0]), new URL(urls[1])];
  if (portOf(a) !== portOf(b)) return false;
  const addressesOf = async ({ hostname }: URL) => isAddress(hostname) ? [bare(hostname)] : await lookup(hostname);
  const addresses = new Set(await addressesOf(a));
  return (await addressesOf(b)).some((address) => addresses.has(address));
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === "https:" ? "443" : "80");
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** Asks the system, so that /etc/hosts counts; no address when the name is unknown or nobody answers. */
export const systemLookup: Lookup = async (hostname) => {
  try {
    return (await lookUp(hostname, { all: true })).map(({ address }) => address);
  } catch (error) {
    if (error instanceof Error && "code" in error && LOOKUP_FAILURES.has(String(error.code))) return [];
    throw error;
  }
};

const LOOKUP_FAILURES = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_NODATA",
  "EAI_FAIL",
  "ESERVFAIL",
  "ETIMEOUT",
  "ENODATA",
]);

/** Whether a host is an address rather than a name. */
export function isAddress(hostname: string): boolean {
  return ipv4(hostname) !== undefined || hostname.includes(":");
}

/** Why a controller doesn't connect to an address; undefined for a name. */
export function forbiddenAddress(hostname: string): string | undefined {
  const address = bare(hostname);
  const octets = ipv4(address);
  if (octets !== undefined) return forbiddenIpv4(octets, address);
  const groups = ipv6(address);
  if (groups === undefined) return undefined;
  const [first = 0, second = 0] = groups;
  if ((first & 0xffc0) === 0xfe80) return `the link-local address ${address}, which no agent has`;
  // The metadata service of one large cloud.
  if (first === 0xfd00 && second === 0x0ec2) return `the metadata address ${address}, which no agent has`;
  const inner = embeddedIpv4(groups);
  return inner && forbiddenIpv4(inner, address);
}

function forbiddenIpv4([a, b, c, d]: readonly number[], address: string): string | undefined {
  if (a === 169 && b === 254) return `the link-local address ${address}, which no agent has`;
  if (a === 100 && b === 100 && c === 100 && d === 200) return `the metadata address ${address}, which no agent has`;
  return undefined;
}

/** IPv4 as IPv6 carries it: mapped, compatible, NAT64 and 6to4. */
function embeddedIpv4(groups: readonly number[]): number[] | undefined {
  const octets = (at: number) => groups.slice(at, at + 2).flatMap((group) => [group >> 8, group & 0xff]);
  if (groups[0] === 0x2002) return octets(1);
  const nat64 = groups[0] === 0x64 && groups[1] === 0xff9b;
  const leading = groups.slice(0, 5).every((group) => group === 0) && (groups[5] === 0 || groups[5] === 0xffff);
  return nat64 || leading ? octets(6) : undefined;
}

function ipv4(text: string): number[] | undefined {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  return octets?.every((octet) => octet <= 255) ? octets : undefined;
}

function ipv6(text: string): number[] | undefined {
  const zoneless = text.replace(/%.*$/, "");
  const url = zoneless.includes(":") ? URL.parse(`http://[${zoneless}]/`) : null;
  if (url === null) return undefined;
  const [head = "", tail] = url.hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].map((group) => parseInt(group, 16));
}

function refused(detail: string): Refused {
  return { kind: "refused", detail };
}
