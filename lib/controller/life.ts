/**
 * One life of the controller: takes the lead, wires loop, fleet, history and API together, serves until it is asked to
 * end, and then ends what is open in the order in which it depends on one another.
 * @module
 */
import type { Happening } from "../cluster/event.ts";
import type { ServiceRecord } from "../cluster/service_record.ts";
import { withdrawnFrom } from "../cluster/endpoint.ts";
import { aborted } from "../runtime/aborted.ts";
import type { Clock } from "../runtime/clock.ts";
import { writeAddressFile } from "../runtime/data_dir.ts";
import { warningOf } from "../runtime/exposure.ts";
import { getLog } from "../runtime/log.ts";
import type { Random } from "../runtime/random.ts";
import { tellSystemd } from "../runtime/sd_notify.ts";
import { VERSION } from "../runtime/version.ts";
import { proveRefusal } from "../wire/stranger.ts";
import { agentAccess, clientAccess } from "./agents/agent_access.ts";
import { AgentClient } from "./agents/agent_client.ts";
import type { ApiContext } from "./api/context.ts";
import { createHandler } from "./api/handler.ts";
import { Seats } from "./api/seats.ts";
import { type AuditLog, openAuditLog } from "./audit/audit_log.ts";
import { guardOf, namesOf } from "./entrance.ts";
import { Fleet } from "./agents/fleet.ts";
import { pushersOf } from "./agents/pushers.ts";
import type { ArtifactStore } from "./artifacts/artifact_store.ts";
import { keepSwept } from "./artifacts/open_artifacts.ts";
import { Gate } from "./gate.ts";
import { History } from "./history.ts";
import { type ClusterIdentity, followMembers, openClusterIdentity } from "./identity/cluster_identity.ts";
import type { Ingress, ServiceTraffic } from "./ingress.ts";
import { Loop } from "./loop/loop.ts";
import { ControllerMetrics, metricsText } from "./metrics.ts";
import type { Pages } from "./pages/page_files.ts";
import { takeOver } from "./open_store.ts";
import { Receipts } from "./change/receipts.ts";
import { Sessions } from "./people/sessions.ts";
import type { ControllerSettings } from "./settings.ts";
import { addressText, serve, type Served } from "./serve.ts";
import { type Loaded, Shell } from "./shell.ts";
import { applierOf } from "./source/apply_texts.ts";
import { keepApplied } from "./source/keep_applied.ts";
import { settleAuthority } from "./backup/restored_authority.ts";
import { openSources } from "./source/open_sources.ts";
import type { Store } from "./store/store.ts";
import { Tokens } from "./people/tokens.ts";
import { ClusterUsage } from "./usage/cluster_usage.ts";
import { WatchHub } from "./watch/hub.ts";

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
  openIngress: () => Ingress;
  /** The dashboard. */
  pages: Pages;
  /** Aborted when the program is asked to end. */
  ending: AbortSignal;
  /** Called once it listens. */
  onListening?: (address: { host: string; port: number }) => void;
}

/** What outlasts a life. */
export interface Home {
  folder: string;
  store: Store;
  artifacts: ArtifactStore;
}

/** Lives until `ending` is aborted. Rejects, with what to do, when it can't start or can't go on. */
export async function live(settings: ControllerSettings, world: World, home: Home): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const { clock, random, ending } = world;
  const { folder, store, artifacts } = home;
  const sources = openSources(settings.files, { env: world.env, clock });
  if (settings.secure) await settleAuthority(folder, await store.load());
  const loaded = await takeOver(store, { agents: settings.agents, random });
  const ingress = world.openIngress();
  stack.defer(() => ingress.close());
  const hosts = namesOf({ settings, world });
  const identity = settings.secure ? await openClusterIdentity({ folder, loaded, clock, hosts }) : undefined;
  const client = stack.use(new AgentClient({ now: clock.now, ...clientAccess(settings, identity) }));
  const { cluster } = loaded.snapshot;
  const audit = stack.use(await openAuditLog({ data: folder, cluster, clock }));
  ingress.setAccess(agentAccess(settings, identity));
  const closing = new AbortController();
  const parts = { settings, world, home, ingress, loaded, client, identity, audit, closing: closing.signal };
  const { api, shell, fleet } = assemble(parts);
  stack.defer(() => fleet.close());
  stack.defer(() => shell.stop());

  const guard = await guardOf(folder, parts, api);
  shell.start(loaded);
  await ingress.open(folder);
  const { host: hostname, port: wanted } = settings;
  const handler = createHandler({ api, guard, proxy: ingress.handle });
  const pair = identity && (() => identity.authority.ownPair(hosts));
  const server = stack.use(await serve({ host: hostname, port: wanted, handler, pair, clock }));
  if (identity !== undefined) followRotation(identity, { parts, server });
  // Open streams end first: a server that shuts down waits for them.
  stack.defer(() => closing.abort());
  const { hostname: host, port } = server.addr;
  const address = addressText({ host, port });
  const url = `${identity === undefined ? "http" : "https"}://${address}`;
  if (settings.token !== undefined || identity !== undefined) {
    await proveRefusal({ host, port, path: "/v1/services", tls: identity !== undefined });
  }
  api.leader = () => settings.advertise ?? url;
  const addressFile = await writeAddressFile(folder, "controller", address);
  stack.defer(() => Deno.remove(addressFile));
  stack.use(tellSystemd({ env: world.env, clock, status: `Listening on ${address}` }));
  const { epoch } = loaded.leadership;
  warnOfExposure(settings);
  log.info(`listening on ${url}`, { address, data: folder, cluster, epoch, version: VERSION });
  world.onListening?.({ host, port });

  const tell = (happening: Happening) => api.history.add(happening);
  const keeping = keepApplied(sources, { apply: applierOf(api), tell, clock, signal: closing.signal });
  const sweeping = keepSwept(artifacts, { state: api.state, clock, signal: closing.signal });
  stack.defer(async () => {
    closing.abort();
    await Promise.allSettled([keeping, sweeping]);
  });
  await Promise.race([aborted(ending), shell.failed, keeping]);
  log.info("ending");
}

interface Parts {
  settings: ControllerSettings;
  world: World;
  home: Home;
  ingress: Ingress;
  loaded: Loaded;
  client: AgentClient;
  /** Where nodes have identities. */
  identity: ClusterIdentity | undefined;
  audit: AuditLog;
  closing: AbortSignal;
}

function warnOfExposure({ host, token, secure }: ControllerSettings): void {
  const deed = "run any program on every node";
  const exposure = { host, guarded: token !== undefined, encrypted: secure, deed, instead: "start it with --secure" };
  const warning = warningOf(exposure);
  if (warning !== undefined) log.warn(warning);
}

/** Whatever holds a certificate goes along when the authority is replaced. */
function followRotation(
  { authority, rotation }: ClusterIdentity,
  { parts: { settings, ingress, identity, client, closing }, server }: { parts: Parts; server: Served },
): void {
  let signedBy = authority.digest;
  rotation.follow(async () => {
    client.trust(authority.trusted.map(({ certificate }) => certificate));
    ingress.setAccess(agentAccess(settings, identity));
    if (signedBy === authority.digest) return;
    await server.replace();
    signedBy = authority.digest;
  });
  rotation.keepChecking({ signal: closing });
}

/** Ties the parts to each other; nothing runs yet. */
function assemble(parts: Parts) {
  const { settings, world, home: { store, artifacts }, ingress, loaded, client, identity, closing } = parts;
  const { clock, random } = world;
  const { healthIntervalMs, lostAfterMs, placing } = settings;
  const metrics = new ControllerMetrics();
  const history = new History({ clock, epoch: loaded.leadership.epoch });
  ingress.follow((happening) => history.add(happening));
  const receipts = new Receipts();
  receipts.load(loaded.snapshot);
  const people = rememberPeople(clock, loaded);
  const loop = new Loop({ settings: { healthIntervalMs, lostAfterMs, placing }, random });
  const pushers = pushersOf({
    state: loop.state,
    client,
    artifacts,
    clock,
    tell: (happening) => history.add(happening),
    revoked: () => identity?.members.revoked() ?? [],
    signal: closing,
  });
  const fleet = new Fleet({
    client,
    report: (input) => {
      shell.report(input);
      pushers.heard(input);
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
      const record = loop.state.services.get(service)?.record;
      const withdrawn = withdrawnFrom(loop.state, service);
      ingress.setTraffic(service, record && trafficOf(record, { endpoints, withdrawn }));
      pushers.endpoints.set(service, endpoints);
    },
    onCommit: (commit) => {
      receipts.follow(commit);
      people.tokens.follow(commit);
      pushers.endpoints.follow(commit);
      if (followMembers(identity, commit)) pushers.endpoints.revocationsChanged();
    },
    onCommitted: (tookMs, outcome) => metrics.commits.observe(tookMs, { outcome }),
  });
  const lent = { receipts, history, metrics, ...people };
  return { api: apiOf(parts, { loop, shell, lent }), shell, fleet };
}

function trafficOf(
  { spec: { routes, tcp }, desired }: ServiceRecord,
  found: Pick<ServiceTraffic, "endpoints" | "withdrawn">,
): ServiceTraffic {
  return { routes, tcp, desired, ...found };
}

/** What the API answers from. */
function apiOf(
  { settings, world, home, ingress, client, identity, audit, closing }: Parts,
  { loop, shell, lent: { metrics, ...lent } }: {
    loop: Loop;
    shell: Shell;
    lent: Pick<ApiContext, "receipts" | "history" | "tokens" | "sessions" | "stands"> & { metrics: ControllerMetrics };
  },
): ApiContext {
  const { clock, random, pages } = world;
  return {
    ...lent,
    state: loop.state,
    waits: () => loop.waits,
    isStoreFull: () => loop.isStoreFull,
    obstacles: (service) => ingress.obstacles(service),
    rebalance: () => shell.report({ kind: "rebalance_asked" }),
    ...home,
    until: (condition, waitMs) => shell.until(condition, waitMs),
    identity,
    audit,
    client,
    clock,
    random,
    leader: () => settings.advertise ?? "",
    pages,
    metrics: () => metricsText({ metrics, state: loop.state, decisions: shell.decisions }) + ingress.metrics(),
    count: (labels) => metrics.requests.add(labels),
    writes: new Gate(1),
    plans: new Gate(1),
    traffic: (service) => ingress.lately(service),
    usage: new ClusterUsage(),
    watch: new WatchHub(),
    streams: new Seats(STREAMS_MAX),
    ending: closing,
  };
}

/** Who may come in, and whether they still may. */
function rememberPeople(clock: Clock, { snapshot }: Loaded): Pick<ApiContext, "tokens" | "sessions" | "stands"> {
  const tokens = new Tokens(clock);
  tokens.load(snapshot);
  const sessions = new Sessions({ clock, stands: (who) => tokens.stands(who) });
  return { tokens, sessions, stands: (who) => who.kind !== "person" || sessions.stands(who) };
}
