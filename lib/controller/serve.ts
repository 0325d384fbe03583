/**
 * The controller's port. Where nodes have identities it speaks TLS, with a certificate that is replaced long before it is
 * over: a second server takes over the port. The first asks its clients for a while to connect anew, as one that is gone
 * can't say so to those who send a request just then, and ends when the last of its requests has.
 * @module
 */
import { deadline } from "@std/async";
import { type Clock, pause } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { ProxyHandler } from "./api/context.ts";
import type { KeyPair } from "../wire/certificates.ts";

const SHUTDOWN_MS = 5_000;
/** Half of a controller's certificate's time. */
const RENEW_AFTER_MS = 45 * 86_400_000;
const LOOK_MS = 3_600_000;
/** For so long two servers share the port: whoever asks something once in it has left the former one by then. */
const LEAVING_MS = 1_000;

const log = getLog("controller");

export interface ServeOptions {
  host: string;
  port: number;
  handler: ProxyHandler;
  /** Makes the certificate that is shown; undefined without TLS. */
  pair: (() => Promise<KeyPair>) | undefined;
  clock: Clock;
  renewAfterMs?: number;
}

export interface Served extends AsyncDisposable {
  addr: Deno.NetAddr;
  /**
   * Shows a certificate that is made now; resolves when no other one is shown any more. Requests under way go on; who is
   * connecting in that moment may have to do it again.
   */
  replace: () => Promise<void>;
}

type Server = Deno.HttpServer<Deno.NetAddr>;

/** A server that can ask its clients to connect anew. */
interface Serving {
  readonly server: Server;
  readonly leave: () => void;
}

/** Serves until it is disposed of, which lets requests under way end for a while. */
export async function serve(options: ServeOptions): Promise<Served> {
  let current = begin(options, await options.pair?.());
  const { addr } = current.server;
  const ending = new AbortController();
  const former = new Set<Promise<void>>();
  const replace = async () => {
    const pair = await options.pair?.();
    // The end may have begun meanwhile.
    if (ending.signal.aborted) return;
    const before = current;
    current = begin({ ...options, port: addr.port }, pair);
    before.leave();
    const left = pause(options.clock, LEAVING_MS, ending.signal);
    const ended = left.then(() => before.server.shutdown()).finally(() => former.delete(ended));
    former.add(ended);
    await left;
    log.info("The controller's certificate was replaced");
  };
  const renewing = keepRenewed(options, { replace, signal: ending.signal });
  return {
    addr,
    replace,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await renewing;
      try {
        await deadline(Promise.all([current.server.shutdown(), ...former]), SHUTDOWN_MS);
      } catch (error) {
        if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
        log.warn(`requests were cut off ${SHUTDOWN_MS / 1_000} s after the end began`);
      }
    },
  };
}

/** A timer can't wait for weeks, and a host that slept is to notice soon. */
async function keepRenewed(
  { pair, clock, renewAfterMs = RENEW_AFTER_MS }: ServeOptions,
  { replace, signal }: { replace: () => Promise<void>; signal: AbortSignal },
): Promise<void> {
  if (pair === undefined) return;
  let sinceMs = clock.wall();
  while (!signal.aborted) {
    await pause(clock, Math.min(LOOK_MS, renewAfterMs), signal);
    if (signal.aborted || clock.wall() - sinceMs < renewAfterMs) continue;
    try {
      await replace();
      sinceMs = clock.wall();
    } catch (error) {
      log.error("Cannot replace the controller's certificate: tried again", { error });
    }
  }
}

function begin(options: ServeOptions, pair: KeyPair | undefined): Serving {
  if (pair === undefined) return { server: listen(options, pair), leave: () => {} };
  let isLeaving = false;
  const handler: ProxyHandler = async (request, info) => {
    const response = await options.handler(request, info);
    return isLeaving ? asLast(response) : response;
  };
  const leave = () => {
    isLeaving = true;
  };
  return { server: listen({ ...options, handler }, pair), leave };
}

/** The answer after which a connection is closed. Who switched to another protocol does so in its own time. */
function asLast(response: Response): Response {
  if (response.status === 101) return response;
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.set("connection", "close");
  return new Response(body, { status, statusText, headers });
}

function listen({ host: hostname, port, handler }: ServeOptions, pair: KeyPair | undefined): Server {
  // Two servers share the port for the moment in which one takes over from the other.
  const reusePort = pair !== undefined && Deno.build.os === "linux";
  const common = { hostname, port, reusePort, onListen: () => {}, onError: failed };
  try {
    if (pair === undefined) return Deno.serve(common, handler);
    return Deno.serve({ ...common, cert: pair.certificate, key: pair.key }, handler);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AddrInUse
      ? "the port is in use; give another one with --port, or 0 for any free one"
      : cause instanceof Deno.errors.AddrNotAvailable
      ? "this host has no such address; give another one with --host"
      : cause instanceof Deno.errors.PermissionDenied
      ? "not allowed here; give a port from 1024 on with --port"
      : undefined;
    if (reason === undefined) throw cause;
    throw new Error(`Cannot listen on ${addressText({ host: hostname, port })}: ${reason}`, { cause });
  }
}

function failed(error: unknown): Response {
  log.error("Cannot answer a request", { error });
  return new Response("Internal Server Error\n", { status: 500 });
}

/** An address as it stands in a URL. */
export function addressText({ host, port }: { host: string; port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
