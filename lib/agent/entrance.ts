/**
 * Where others come in: the agent's address, and how it proves there who it is. An agent with a join token joins its
 * cluster before anybody can come in at all. With papers the address speaks TLS, and goes on to, with new papers, without
 * a connection being cut.
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import { parseJoinToken } from "../wire/join_token.ts";
import { join } from "./identity/enrol.ts";
import { trustedKeys } from "./identity/credential_guard.ts";
import { type Identity, JoinedIdentity, sharedIdentity } from "./identity/identity.ts";
import { type Papers, readPapers, writePapers } from "./identity/papers_file.ts";
import type { RevokedNodes } from "./identity/revoked_nodes.ts";
import { type AgentSettings, nameOf } from "./settings.ts";

export interface Entrance {
  listener: Deno.Listener;
  address: Deno.NetAddr;
  /** By which others reach this agent. */
  url: URL;
  name: string;
  identity: Identity;
  /** Goes by new papers; returns the listener that shows them, in the place of the former one. */
  renewed: (papers: Papers) => Promise<Deno.Listener>;
}

export interface EntranceOptions {
  settings: AgentSettings;
  /** The data folder, and the agent's id that is kept there. */
  path: string;
  nodeId: string;
  revoked: RevokedNodes;
  clock: Clock;
  signal: AbortSignal;
}

/** Where two listeners may have one port, one takes over from the other without a gap. */
const SHARES_PORT = Deno.build.os === "linux";

type NetListener = Deno.Listener & { addr: Deno.NetAddr };

/** Opens it; joins first, if that is asked for and has not been done. */
export async function openEntrance(options: EntranceOptions): Promise<Entrance> {
  const { settings, path } = options;
  const papers = await readPapers(path) ?? await papersByJoining(options);
  return papers === undefined ? openPlain(settings) : await openWithPapers(papers, options);
}

function openPlain(settings: AgentSettings): Entrance {
  const listener = listenOn(settings);
  const { addr: address } = listener;
  return {
    listener,
    address,
    url: settings.advertise ?? urlOf("http", address),
    name: nameOf(settings, address.port),
    identity: sharedIdentity(settings),
    renewed: () => Promise.reject(new TypeError("An agent without papers can't renew them")),
  };
}

async function openWithPapers(
  papers: Papers,
  { settings, path, nodeId, revoked, clock }: EntranceOptions,
): Promise<Entrance> {
  const listener = listenOn(settings, papers);
  const { addr: address } = listener;
  let current: Deno.Listener = listener;
  const wall = () => clock.wall();
  const identity = new JoinedIdentity(papers, await trustedKeys(papers), { identity: nodeId, wall, revoked });
  return {
    listener,
    address,
    url: settings.advertise ?? urlOf("https", address),
    name: nameOf(settings, address.port),
    identity,
    renewed: async (fresh) => {
      await writePapers(path, fresh);
      const keys = await trustedKeys(fresh);
      // First of all: what the papers in use are is told to the controller, which then believes no others.
      if (!SHARES_PORT) current.close();
      const successor = current = listenOn({ host: settings.host, port: address.port }, fresh);
      identity.renewed(fresh, keys);
      return successor;
    },
  };
}

async function papersByJoining(
  { settings, path, nodeId: identity, clock, signal }: EntranceOptions,
): Promise<Papers | undefined> {
  const token = parseJoinToken(settings.joinToken ?? "");
  const { controller, labels, capacity } = settings;
  if (token === undefined || controller === undefined) return undefined;
  // Where it will listen has to be known before it has what it needs to listen.
  const placeholder = listenOn(settings);
  const { addr } = placeholder;
  placeholder.close();
  settings.port = addr.port;
  const url = settings.advertise ?? urlOf("https", addr);
  const name = nameOf(settings, addr.port);
  const registration = { url: url.origin, identity, name, labels: { ...labels }, capacity };
  const papers = await join({ controller: new URL(controller), token, registration, clock, signal });
  await writePapers(path, papers);
  return papers;
}

function listenOn({ host, port }: Pick<AgentSettings, "host" | "port">, papers?: Papers): NetListener {
  try {
    if (papers === undefined) return Deno.listen({ hostname: host, port });
    const { certificate: cert, key } = papers;
    return Deno.listenTls({ hostname: host, port, cert, key, reusePort: SHARES_PORT }) as NetListener;
  } catch (cause) {
    throw new Error(`Cannot listen on ${hostText(host)}:${port}: give another --port, or 0 for any free one`, {
      cause,
    });
  }
}

function urlOf(scheme: "http" | "https", { hostname, port }: Deno.NetAddr): URL {
  // Who listens on all addresses is reached by the host's name.
  const reached = hostname === "0.0.0.0" || hostname === "::" ? Deno.hostname() : hostname;
  return new URL(`${scheme}://${hostText(reached)}:${port}`);
}

/** A host as it stands in a URL. */
export function hostText(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
