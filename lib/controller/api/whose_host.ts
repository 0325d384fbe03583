/**
 * Which host a node may call its own. A node says itself where it is reached, and is given a certificate for that host;
 * with one for the controller's host, or another node's, it could stand in their place on the network. So a host that is
 * somebody's already is only for who comes from there, as several programs may run on one host.
 * @module
 */
import { isLoopback } from "../../runtime/exposure.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { problem } from "../../wire/problem.ts";
import { isAddress, type Lookup, systemLookup } from "../agents/agent_url.ts";
import type { Call } from "./context.ts";

export interface Claim {
  /** The identity of the node that claims it. */
  identity: string;
  /** At which it says that it is reached. */
  url: string;
  /** Where the claim comes from: the other end of the connection. */
  from: string;
}

export interface Hosts {
  /** The names and addresses at which the controller is reached. */
  controller: readonly string[];
  /** The nodes that are known. */
  nodes: readonly { record: { identity: string | null; name: string; url: string } }[];
}

/** The refusal of a host that is another's; undefined when the node may have it. */
export async function refusalOfHost(call: Call, claim: Omit<Claim, "from">): Promise<Response | undefined> {
  const { env: { from }, var: { api: { identity, state } } } = call;
  const hosts = { controller: identity?.hosts ?? [], nodes: state.nodesByName };
  const owner = await otherOwner({ ...claim, from }, hosts);
  if (owner === undefined) return undefined;
  const detail =
    `${printableLine(new URL(claim.url).hostname)} is the host of ${owner}, and this comes from ${from}: ` +
    "give the agent the address of its own host with --host or --advertise";
  return problem({ type: "host-taken", title: "Another's host", status: 403, detail });
}

/** Whose host it is that somebody claims who doesn't come from there; undefined when it is nobody else's. */
export async function otherOwner(
  { identity, url, from }: Claim,
  { controller, nodes }: Hosts,
  { lookup = systemLookup }: { lookup?: Lookup } = {},
): Promise<string | undefined> {
  const host = hostOf(url);
  const isControllers = controller.some((name) => bare(name) === host);
  const node = nodes.find(({ record }) => record.identity !== identity && hostOf(record.url) === host);
  const owner = isControllers ? "the controller" : node && `node ${node.record.name}`;
  if (owner === undefined) return undefined;
  const source = bare(from).replace(/^::ffff:/, "");
  // Who is on the controller's own host comes over loopback, or from any of its addresses.
  if (isControllers && isLoopback(source)) return undefined;
  const addresses = isAddress(host) ? [host] : await lookup(host);
  return addresses.includes(source) ? undefined : owner;
}

function hostOf(url: string): string {
  return bare(new URL(url).hostname);
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, "").toLowerCase();
}
