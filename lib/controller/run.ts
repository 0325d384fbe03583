/**
 * One life of the controller: opens the store, takes the lead, wires loop, fleet, history and API together, serves until
 * it is asked to end, and then ends what is open in the order in which it depends on one another.
 * @module
 */
import { deadline } from "@std/async";
import { aborted } from "../runtime/aborted.ts";
import type { Clock } from "../runtime/clock.ts";
import { openDataDir, writeAddressFile } from "../runtime/data_dir.ts";
import { getLog } from "../runtime/log.ts";
import type { Random } from "../runtime/random.ts";
import { tellSystemd } from "../runtime/sd_notify.ts";
import { VERSION } from "../runtime/version.ts";
import { AgentClient } from "./agent_client.ts";
import type { ApiContext, ProxyHandler } from "./api/context.ts";
import { createGuard } from "./api/guard.ts";
import { createHandler } from "./api/handler.ts";
import { Seats } from "./api/seats.ts";
import { EndpointPusher } from "./endpoint_push.ts";
import { Fleet } from "./fleet.ts";
import { Gate } from "./gate.ts";
import { History } from "./history.ts";
import type { Ingress } from "./ingress.ts";
import { Loop } from "./loop.ts";
import { ControllerMetrics, metricsText } from "./metrics.ts";
import { openStore, takeOver } from "./open_store.ts";
import { Receipts } from "./receipts.ts";
import type { ControllerSettings } from "./settings.ts";
import { type Loaded, Shell } from "./shell.ts";
import type { Store } from "./store/store.ts";

const SHUTDOWN_MS = 5_000;
const STREAMS_MAX = 200;

const log = getLog("controller");

/** What the controller needs from outside. */
export interface World {
  clock: Clock;
  random: Random;
  env: { get(name: string): string | undefined };
  hostname: string;
  /** The module that the store's worker runs. */
  worker: string | URL;
  ingress: Ingress;
  /** Aborted when the program is asked to end. */
  ending: AbortSignal;
  /** Called once it listens. */
  onListening?: (address: { host: string; port: number }) => void;
}

/** Runs until `ending` is aborted. Rejects, with what to do, when it can't start or can't go on. */
export async function runController(settings: ControllerSettings, world: World): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const { clock, random, worker, ingress, ending } = world;
  const folder = await openDataDir({ program: "controller", port: settings.port, data: settings.data }, world.env);
  const store = stack.use(await openStore({ kind: settings.store, folder, worker, random }));
  const loaded = await takeOver(store, { agents: settings.agents, random });
  stack.defer(() => ingress.close());
  const client = stack.use(new AgentClient({ token: settings.token, now: clock.now }));
  const closing = new AbortController();
  const { api, shell, fleet } = assemble({ settings, world, store, loaded, client, closing: closing.signal });
  stack.defer(() => fleet.close());
  stack.defer(() => shell.stop());

  const hosts = [world.hostname, settings.host, ...settings.allowedHosts, ...hostOf(settings.advertise)];
  const guard = createGuard({ token: settings.token, hosts, clock });
  shell.start(loaded);
  const server = listen(settings, createHandler({ api, guard, proxy: ingress.handle }));
  stack.defer(() => endServer(server, closing));
  const { hostname: host, port } = server.addr;
  const address = addressText({ host, port });
  api.leader = () => settings.advertise ?? `http://${address}`;
  const addressFile = await writeAddressFile(folder, "controller", address);
  stack.defer(() => Deno.remove(addressFile));
  stack.use(tellSystemd({ env: world.env, clock, status: `Listening on ${address}` }));
  const { cluster } = loaded.snapshot;
  const { epoch } = loaded.leadership;
  log.info(`listening on http://${address}`, { address, data: folder, cluster, epoch, version: VERSION });
  world.onListening?.({ host, port });

  await Promise.race([aborted(ending), shell.failed]);
  log.info("ending");
}

interface Parts {
  settings: ControllerSettings;
  world: World;
  store: Store;
  loaded: Loaded;
  client: AgentClient;
  closing: AbortSignal;
}

/** Ties the parts to each other; nothing runs yet. */
function assemble({ settings, world, store, loaded, client, closing }: Parts) {
  const { clock, random, ingress } = world;
  const { healthIntervalMs, lostAfterMs } = settings;
  const metrics = new ControllerMetrics();
  const history = new History({ clock, epoch: loaded.leadership.epoch });
  const receipts = new Receipts();
  receipts.load(loaded.snapshot);
  const loop = new Loop({ settings: { healthIntervalMs, lostAfterMs }, random });
  const pusher = new EndpointPusher({ state: loop.state, client, clock, signal: closing });
  const fleet = new Fleet({
    client,
    report: (input) => {
      shell.report(input);
      if (input.kind === "probe_answered") pusher.heard(input.node, input.health);
    },
    onProbe: (outcome) => metrics.probes.add({ outcome }),
  });
  const shell: Shell = new Shell({
    loop,
    store,
    clock,
    healthIntervalMs,
    fleet,
    onHappened: (happening) => history.add(happening),
    onEndpoints: (service, endpoints) => {
      ingress.setEndpoints(service, endpoints);
      pusher.set(service, endpoints);
    },
    onCommit: (commit) => {
      receipts.follow(commit);
      pusher.follow(commit);
    },
    onCommitted: (tookMs) => metrics.commits.observe(tookMs),
  });
  const api: ApiContext = {
    state: loop.state,
    waits: () => loop.waits,
    store,
    until: (condition, waitMs) => shell.until(condition, waitMs),
    receipts,
    history,
    client,
    clock,
    random,
    leader: () => settings.advertise ?? "",
    metrics: () => metricsText({ metrics, state: loop.state, decisions: shell.decisions }) + ingress.metrics(),
    count: (labels) => metrics.requests.add(labels),
    writes: new Gate(1),
    streams: new Seats(STREAMS_MAX),
    ending: closing,
  };
  return { api, shell, fleet };
}

function listen({ host, port }: ControllerSettings, handler: ProxyHandler): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: host, port, onListen: () => {}, onError: failed }, handler);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AddrInUse
      ? "the port is in use; give another one with --port, or 0 for any free one"
      : cause instanceof Deno.errors.AddrNotAvailable
      ? "this host has no such address; give another one with --host"
      : cause instanceof Deno.errors.PermissionDenied
      ? "not allowed here; give a port from 1024 on with --port"
      : undefined;
    if (reason === undefined) throw cause;
    throw new Error(`Cannot listen on ${addressText({ host, port })}: ${reason}`, { cause });
  }
}

function failed(error: unknown): Response {
  log.error("Cannot answer a request", { error });
  return new Response("Internal Server Error\n", { status: 500 });
}

/** Open streams end first: a server that shuts down waits for them. */
async function endServer(server: Deno.HttpServer, closing: AbortController): Promise<void> {
  closing.abort();
  try {
    await deadline(server.shutdown(), SHUTDOWN_MS);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
    log.warn(`requests were cut off ${SHUTDOWN_MS / 1_000} s after the end began`);
  }
}

function hostOf(advertise: string | undefined): string[] {
  return advertise === undefined ? [] : [new URL(advertise).hostname];
}

function addressText({ host, port }: { host: string; port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
