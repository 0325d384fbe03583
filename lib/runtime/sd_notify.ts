/**
 * What a program tells systemd about itself (sd_notify(3)): that it is ready, that it still turns, and that it stops.
 * `run.ts` of controller and agent begin it once they listen. It runs on the event loop that does the work, so that a
 * loop which hangs misses its watchdog, and the program is restarted. Needs `--unstable-net` and a socket with a path, which is what
 * systemd gives to units; without NOTIFY_SOCKET it does nothing.
 * @module
 */
import { join } from "node:path";
import { aborted } from "./aborted.ts";
import { type Clock, pause } from "./clock.ts";
import { getLog } from "./log.ts";

/** Two signs of life may be lost before systemd acts. */
const SIGNS_PER_WATCHDOG = 3;
const MICROSECONDS_PER_MS = 1_000;

const log = getLog("systemd");

export interface TellOptions {
  env: { get(name: string): string | undefined };
  clock: Clock;
  /** What `systemctl status` shows. */
  status: string;
}

/** Says READY=1 and keeps the watchdog content. Disposing of the result says STOPPING=1 and ends that. */
export function tellSystemd(options: TellOptions): AsyncDisposable {
  const stopping = new AbortController();
  // The program does its work whether or not it is heard.
  const told = keepTold(options, stopping.signal).catch((error) => log.error("Stopped telling systemd", { error }));
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await told;
    },
  };
}

async function keepTold({ env, clock, status }: TellOptions, stopping: AbortSignal): Promise<void> {
  const path = env.get("NOTIFY_SOCKET");
  if (path === undefined || path === "") return;
  const obstacle = obstacleTo(path);
  if (obstacle !== undefined) return log.warn(`Cannot tell systemd that this program is ready: ${obstacle}`, { path });
  using socket = await openSocket(path);
  await socket.send(["READY=1", `STATUS=${oneLine(status)}`]);
  const intervalMs = watchdogIntervalMs(env, Deno.pid);
  if (intervalMs === undefined) await aborted(stopping);
  else await keepAlive(socket, { clock, intervalMs, stopping });
  await socket.send(["STOPPING=1"]);
}

/** How often the watchdog wants a sign of life; undefined when none is set for this process. */
export function watchdogIntervalMs(env: TellOptions["env"], pid: number): number | undefined {
  const forPid = env.get("WATCHDOG_PID");
  if (forPid !== undefined && forPid !== String(pid)) return undefined;
  const limitMs = Number(env.get("WATCHDOG_USEC")) / MICROSECONDS_PER_MS;
  return limitMs > 0 ? Math.max(1, Math.floor(limitMs / SIGNS_PER_WATCHDOG)) : undefined;
}

interface NotifySocket extends Disposable {
  send(lines: readonly string[]): Promise<void>;
}

async function openSocket(path: string): Promise<NotifySocket> {
  // Deno sends from bound sockets only. Once it is bound nobody needs the name, so nothing is left behind.
  const folder = await Deno.makeTempDir({ prefix: "muster-notify-" });
  const socket = Deno.listenDatagram({ transport: "unixpacket", path: join(folder, "socket") });
  await Deno.remove(folder, { recursive: true });
  const encoder = new TextEncoder();
  return {
    send: async (lines) => {
      try {
        await socket.send(encoder.encode(lines.join("\n")), { transport: "unixpacket", path });
      } catch (error) {
        // Whoever listens there may be restarting: the next sign of life reaches it again.
        if (!(error instanceof Error)) throw error;
        log.warn("Cannot tell systemd how this program is", { path, error });
      }
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

async function keepAlive(
  socket: NotifySocket,
  { clock, intervalMs, stopping }: { clock: Clock; intervalMs: number; stopping: AbortSignal },
): Promise<void> {
  while (!stopping.aborted) {
    await socket.send(["WATCHDOG=1"]);
    await pause(clock, intervalMs, stopping);
  }
}

function obstacleTo(path: string): string | undefined {
  if (Deno.build.os === "windows") return "there is no systemd on Windows";
  if (!path.startsWith("/")) return "its socket has no path, and Deno reaches sockets by paths only";
  if (!("listenDatagram" in Deno)) return "Deno's datagram sockets are off; run it with --unstable-net";
  return undefined;
}

function oneLine(text: string): string {
  return text.replaceAll("\n", " ");
}
