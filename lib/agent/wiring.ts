/**
 * Puts the session into its place between host and wire: its effects go to processes, feed and memory, and what happens
 * there and what controllers ask for comes back as inputs.
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { Random } from "../runtime/random.ts";
import { VERSION } from "../runtime/version.ts";
import { openTunnel } from "../wire/tunnel.ts";
import type { Adoption } from "./process/adopt.ts";
import { type Addresses, type AddressesOptions, openAddresses } from "./relay/addresses.ts";
import { type AgentApi, agentApi, ORDERS_BYTES_MAX } from "./api.ts";
import { type Artifacts, openArtifacts } from "./artifacts/artifacts.ts";
import type { DataFolder } from "./data_folder.ts";
import type { Memory, SessionInput } from "./session/effect.ts";
import { Executor } from "./executor.ts";
import { Feed } from "./feed.ts";
import { type HttpServer, serveHttp } from "./http/http_server.ts";
import type { Identity } from "./identity/identity.ts";
import type { RevokedNodes } from "./identity/revoked_nodes.ts";
import { Instances } from "./process/instances.ts";
import { Replies } from "./session/contact.ts";
import type { Leases } from "./session/isolation.ts";
import { Keeper } from "./process/keeper.ts";
import { readLogs } from "./logs/log_lines.ts";
import { writeMemory } from "./memory_file.ts";
import { agentMetrics } from "./metrics.ts";
import { removeStrayFiles } from "./process/own_folders.ts";
import type { Platform } from "./platform/platform.ts";
import { LOOPBACK, replicaPorts } from "./ports.ts";
import { placesOfThisAgent } from "./process/program.ts";
import { createRelay, type Relay } from "./relay/relay.ts";
import { Session } from "./session/session.ts";
import type { AgentSettings } from "./settings.ts";
import type { Sweeper } from "./process/sweep.ts";
import { UsageSampler } from "./usage/usage_sampler.ts";

/** What one life of the agent begins with. */
export interface Life {
  settings: AgentSettings;
  /** How this node is called until a controller names it. */
  name: string;
  platform: Platform;
  folder: DataFolder;
  sweeper: Sweeper;
  memory: Memory;
  adoption: Adoption;
  /** The URL by which controllers reach this agent. */
  url: URL;
  identity: Identity;
  revoked: RevokedNodes;
  clock: Clock;
  random: Random;
  /** Aborted when nothing more is to be done. */
  closing: AbortSignal;
}

/** The parts that run, once wired together. */
export interface Wired {
  session: Session;
  executor: Executor;
  feed: Feed;
  instances: Instances;
  artifacts: Artifacts;
  relay: Relay;
  addresses: Addresses;
  keeper: Keeper;
  replies: Replies;
}

const MICROSECONDS = 1_000;
/** A host that is gone says nothing. */
const TUNNEL_MS = 3_000;

const log = getLog("agent");

/** Wires session, executor, processes and feed together, and lets the session begin. */
export async function wire(life: Life): Promise<Wired> {
  const { folder, adoption, memory, clock, random, closing } = life;
  const ports = await replicaPorts();
  const report = (input: SessionInput) => executor.report(input);
  const feed = new Feed({
    identity: folder.nodeId,
    firstSeq: clock.wall() * MICROSECONDS,
    onAudience: (listeners) => report({ kind: "audience", listeners }),
  });
  const relay = relayTo(life, { portOf: (replica, name) => session.portOf(replica, name), report });
  const { path } = folder;
  const addresses = await openAddresses({
    path,
    memory,
    ports,
    random,
    clock,
    signal: closing,
    reach: wayBy(life, relay),
    onRevoked: (revoked) => {
      for (const node of life.revoked.replace(revoked)) relay.cut(node);
    },
  });
  const keeper = new Keeper({ ...life, ...folder, boot: await life.platform.bootId() });
  const replies = new Replies({ run: random.uuid(), moment: keeper.moment });
  const artifacts = await openArtifacts({ path, clock, report, asked: () => session.artifacts, signal: closing });
  const host = {
    ...life,
    ...folder,
    keeper,
    artifacts,
    places: placesOfThisAgent(),
    address: addressOf(life.url),
    env: Deno.env,
  };
  const instances = new Instances({ ...host, addresses, report });
  const session = new Session({
    identity: folder.nodeId,
    memory,
    adopted: adoption.adopted,
    ended: adoption.ended,
    rebooted: folder.rebooted,
    contact: life.settings.forgetCluster ? undefined : keeper.lastContact(),
    artifacts: artifacts.here,
    ports,
    random,
    nowMs: clock.now(),
    wall: new Date(clock.wall()).toISOString(),
  });
  const save = (changed: Memory) => saveMemory(folder, changed);
  const keep = (leases: Leases) => keeper.hold(leases);
  const executor = new Executor({ session, instances, feed, clock, save, keep, signal: closing });

  for (const observation of session.observations()) feed.tell({ kind: "observation", observation });
  removeStrayFiles(folder.path, (replica) => feed.latest.has(replica));
  takeOver(life, instances);
  report({ kind: "tick" });
  return { session, executor, feed, instances, artifacts, relay, addresses, keeper, replies };
}

async function saveMemory(folder: DataFolder, memory: Memory): Promise<void> {
  await writeMemory(folder.path, memory);
  await folder.noteBoot();
}

/** Serves controllers and ingresses. */
export function serve(life: Life, wired: Wired, listener: Deno.Listener): HttpServer {
  const { relay } = wired;
  const { guard } = life.identity;
  const server: HttpServer = serveHttp({
    listener,
    handler: agentApi({ guard, ...answersOf(life, wired, () => server.connections) }),
    onTunnel: relay.onTunnel,
    onProxy: relay.onProxy,
    onError: (error) => log.error("Cannot answer a request", { error }),
    limits: { bodyBytesMax: ORDERS_BYTES_MAX },
  });
  return server;
}

/** The way for others to this agent's replicas. */
function relayTo(
  { identity, url, closing }: Life,
  { portOf, report }: { portOf: Session["portOf"]; report: (input: SessionInput) => void },
): Relay {
  const relay = createRelay({
    resolve: (replica, portName) => {
      const found = portOf(replica, portName);
      return found && { hostname: found.exposed ? addressOf(url) : LOOPBACK, port: found.port };
    },
    authorize: ({ fields, form }) => {
      const field = form === "absolute" ? "proxy-authorization" : "authorization";
      return identity.guard(fields, { field, purpose: "replica" });
    },
    onTunnels: (replica, open) => report({ kind: "tunnels", replica, open }),
  });
  closing.addEventListener("abort", () => relay.close(), { once: true });
  return relay;
}

/** The way for programs on this host to any replica: here, or through its agent. */
function wayBy({ identity }: Life, relay: Relay): AddressesOptions["reach"] {
  return async ({ replica, url }, { signal }) => {
    const here = await relay.reach(replica);
    if (here !== undefined) return { ...here, early: new Uint8Array(0) };
    const late = AbortSignal.any([signal, AbortSignal.timeout(TUNNEL_MS)]);
    const there = await openTunnel({ replica, nodeUrl: url }, { ...identity.access(), signal: late });
    return { ...there, leave: () => {} };
  };
}

/** Joins the processes that were taken over with the orders that they follow. */
function takeOver({ adoption, memory }: Life, instances: Instances): void {
  const orders = new Map(memory.replicas.map((order) => [order.assignment.id, order]));
  const records = new Map(adoption.adopted.map((record) => [record.instance, record]));
  for (const process of adoption.processes) {
    const record = records.get(process.instance);
    if (record !== undefined) {
      instances.adopt(process, { record, order: orders.get(record.replica), node: memory.node });
    }
  }
}

/** Where other hosts reach this one, as one listens on it: an address of IPv6 without its brackets. */
function addressOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

/** What the API answers from. */
function answersOf(life: Life, wired: Wired, connections: () => number): Omit<AgentApi, "guard"> {
  const { settings, folder, clock } = life;
  const { session, executor, feed, instances, artifacts, addresses, keeper, replies } = wired;
  const usage = new UsageSampler({ ...life, replicas: feed.latest, memory: Deno.systemMemoryInfo });
  return {
    feed,
    artifacts,
    health: () => ({
      program: "muster-agent",
      identity: session.identity,
      name: life.name,
      version: VERSION,
      cluster: session.memory.cluster,
      epoch: session.followed.epoch,
      revision: session.followed.revision,
      labels: { ...settings.labels },
      capacity: settings.capacity,
      system: { os: Deno.build.os, arch: Deno.build.arch },
      leaving: session.leaving,
      endpoints: addresses.position,
      needs: artifacts.needs,
      features: ["artifacts", ...(keeper.isAble ? ["isolation"] : [])],
    }),
    hear: (ack) => {
      const contact = replies.provedBy(ack);
      if (contact !== undefined) executor.report({ kind: "acked", contact });
      return replies.next();
    },
    learn: (push) => addresses.take(push),
    follow: async (orders) => {
      const { cluster } = session.memory;
      if (cluster === null || cluster === orders.cluster) addresses.announced(orders);
      const reply = await executor.take({ kind: "orders", orders, contact: replies.provedBy(orders.ack) });
      if (reply === undefined) throw new TypeError("The session gave no reply to orders");
      return reply.kind === "accepted" ? { ...reply, needs: artifacts.needs } : reply;
    },
    signal: (replica, signal) => {
      const instance = feed.latest.get(replica)?.instance ?? undefined;
      if (instance === undefined) return false;
      instances.signal({ kind: "signal", instance, signal, scope: "leader" });
      return true;
    },
    readLogs: (replica, options) => readLogs({ folder: folder.logFolder, replica }, { ...options, clock }),
    usage: () => usage.read(),
    metrics: () =>
      agentMetrics({
        observations: feed.latest.values(),
        listeners: feed.listeners,
        connections: connections(),
        addressConnections: addresses.connections,
        epoch: session.memory.epoch,
        revision: session.memory.revision,
        memoryBytes: Deno.memoryUsage().rss,
      }),
  };
}
