/**
 * One life of the agent: claims the data folder, takes over what runs, serves controllers, and goes on until the
 * session says goodbye.
 * @module
 */
import { systemClock } from "../runtime/clock.ts";
import { openDataDir, writeAddressFile } from "../runtime/data_dir.ts";
import { warningOf } from "../runtime/exposure.ts";
import { getLog } from "../runtime/log.ts";
import { systemRandom } from "../runtime/random.ts";
import { tellSystemd } from "../runtime/sd_notify.ts";
import { VERSION } from "../runtime/version.ts";
import { parseJoinToken } from "../wire/join_token.ts";
import type { Registration } from "../wire/protocol.ts";
import { proveRefusal } from "../wire/stranger.ts";
import { adopt } from "./process/adopt.ts";
import { Bell } from "./bell.ts";
import { claimDataFolder } from "./data_folder.ts";
import type { SessionInput } from "./session/effect.ts";
import { type Entrance, hostText, openEntrance } from "./entrance.ts";
import type { HttpServer } from "./http/http_server.ts";
import { joinOnce, keepRenewed } from "./identity/enrol.ts";
import type { Papers } from "./identity/papers_file.ts";
import { RevokedNodes } from "./identity/revoked_nodes.ts";
import { type LeaveOptions, onLeaveRequests } from "./leave.ts";
import { logLimitsIn } from "./logs/log_limits.ts";
import { keepLogsWithinBounds } from "./logs/log_rotation.ts";
import { readMemory, withoutCluster } from "./memory_file.ts";
import { thisPlatform } from "./platform/platform.ts";
import { keepRegistered } from "./register.ts";
import type { AgentSettings } from "./settings.ts";
import { Sweeper } from "./process/sweep.ts";
import { type Life, serve, wire, type Wired } from "./wiring.ts";

/** For how long requests and tunnels under way may go on after the goodbye. */
const SHUTDOWN_MS = 2_000;

const log = getLog("agent");

/** Runs until the agent has said goodbye. */
export async function runAgent(settings: AgentSettings): Promise<void> {
  using stack = new DisposableStack();
  const closing = new AbortController();
  stack.defer(() => closing.abort());
  // A promise that nobody minds is a bug, and worth a line, but no reason to leave the replicas alone.
  stack.use(onStrayRejections((error) => log.error("A rejection was left alone", { error })));

  const platform = await thisPlatform();
  const path = await openDataDir({ program: "agent", port: settings.port, data: settings.data }, Deno.env);
  const folder = stack.use(await claimDataFolder(path, { bootId: await platform.bootId(), random: systemRandom }));
  const revoked = new RevokedNodes();
  const { nodeId } = folder;
  const signal = closing.signal;
  const entrance = await openEntrance({ settings, path, nodeId, revoked, clock: systemClock, signal });
  const { name, url } = entrance;
  const remembered = await readMemory(path, name);
  const memory = settings.forgetCluster ? withoutCluster(remembered) : remembered;

  const sweeper = new Sweeper(platform, folder.nodeId);
  const host = { platform, sweeper, clock: systemClock, closing: signal };
  const adoption = await adopt({ ...host, ...folder });
  const { identity } = entrance;
  const life: Life = {
    ...host,
    settings,
    name,
    folder,
    memory,
    adoption,
    url,
    identity,
    revoked,
    random: systemRandom,
  };
  const wired = await wire(life);
  const server = serve(life, wired, entrance.listener);
  await proveItRefuses(life, entrance);
  const bells = { register: new Bell(), renew: new Bell() };
  keepWatch(life, wired, bells);
  keepIdentity(life, { entrance, server, bells });
  stack.use(onLeaveRequests(leaveOptions(settings), (input) => wired.executor.report(input)));
  const address = `${hostText(entrance.address.hostname)}:${entrance.address.port}`;
  const addressFile = await writeAddressFile(path, "agent", address);
  await using _systemd = tellSystemd({ env: Deno.env, clock: systemClock, status: `Listening on ${address}` });
  warnOfExposure(life, entrance);
  log.info("Agent started", { address, data: path, name, adopted: adoption.adopted.length, version: VERSION });

  const replicas = await wired.executor.goodbye;
  wired.feed.goodbye(replicas);
  await server.shutdown({ drainMs: SHUTDOWN_MS });
  closing.abort();
  await wired.instances.settled();
  await Deno.remove(addressFile);
  log.info("Agent ended", { replicas });
}

/** What registering and renewing tell each other: that papers are wanted, that there are new ones. */
type Bells = Readonly<Record<"register" | "renew", Bell>>;

/** Runs beside everything else until the agent ends: bounds for the logs, and being known to the controller. */
function keepWatch(life: Life, wired: Wired, bells: Bells): void {
  const { settings, folder, identity, clock, random, closing: signal } = life;
  const report = (input: SessionInput) => wired.executor.report(input);
  const replicas = wired.feed.latest;
  const limitsOf = logLimitsIn(() => wired.session.memory);
  const rotation = { clock, signal, replicas, limitsOf, report };
  begin("keeping logs within bounds", keepLogsWithinBounds(folder.logFolder, rotation));
  begin("removing artifacts that nobody needs", wired.artifacts.keepSwept());
  const { controller } = settings;
  if (controller === undefined) return;
  const registration = registrationOf(life);
  const renewal = { bell: bells.register, onRenewalWanted: () => bells.renew.ring() };
  begin("registering", keepRegistered({ controller, registration, identity, ...renewal, clock, random, signal }));
}

function warnOfExposure({ settings: { token }, identity }: Life, { address: { hostname: host } }: Entrance): void {
  const encrypted = identity.papers() !== undefined;
  const deed = "run any program here as this user";
  const instead = "join a cluster with --join-token-file";
  const warning = warningOf({ host, guarded: token !== undefined, encrypted, deed, instead });
  if (warning !== undefined) log.warn(warning);
}

async function proveItRefuses(
  { settings, identity }: Life,
  { address: { hostname: host, port } }: Entrance,
): Promise<void> {
  const tls = identity.papers() !== undefined;
  if (tls || settings.token !== undefined) await proveRefusal({ host, port, path: "/v1/health", tls });
}

/** Exchanges the papers of an agent that has joined for new ones, again and again. */
function keepIdentity(
  life: Life,
  { entrance, server, bells }: { entrance: Entrance; server: HttpServer; bells: Bells },
): void {
  const { settings, identity, url, clock, closing: signal } = life;
  const { papers } = identity;
  const first = papers();
  if (first === undefined || settings.controller === undefined) return;
  const controller = new URL(settings.controller);
  const token = parseJoinToken(settings.joinToken ?? "");
  const isNew = token !== undefined && token.id !== first.joined_with;
  const registration = registrationOf(life);
  const rejoin = isNew ? () => joinOnce({ controller, token, registration, clock, signal }) : undefined;
  const onRenewed = async (fresh: Papers) => {
    server.replaceListener(await entrance.renewed(fresh));
    bells.register.ring();
  };
  const options = { controller, url: url.origin, rejoin, onRenewed, bell: bells.renew, clock, signal };
  begin("renewing its papers", keepRenewed({ ...options, papers: () => papers() ?? first }));
}

function registrationOf({ settings: { labels, capacity }, name, folder, url }: Life): Registration {
  return { url: url.origin, identity: folder.nodeId, name, labels: { ...labels }, capacity };
}

/** What runs beside everything else has no one to tell of its failure but the log. */
function begin(what: string, work: Promise<void>): void {
  work.catch((error) => log.error(`Stopped ${what}`, { error }));
}

function leaveOptions({ onExit }: AgentSettings): LeaveOptions {
  return { onExit, isUnit: Deno.env.get("SYSTEMD_EXEC_PID") === String(Deno.pid) };
}

function onStrayRejections(tell: (error: unknown) => void): Disposable {
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    tell(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  return { [Symbol.dispose]: () => globalThis.removeEventListener("unhandledrejection", listener) };
}
