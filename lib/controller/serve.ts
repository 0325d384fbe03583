/**
 * The controller's port. Where nodes have identities it speaks TLS, with a certificate that is replaced long before it is
 * over: a second server takes over the port, and the first ends when the last of its requests has.
 * @module
 */
import { deadline } from "@std/async";
import type { Clock } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { ProxyHandler } from "./api/context.ts";
import type { KeyPair } from "../wire/certificates.ts";

const SHUTDOWN_MS = 5_000;
/** Half of a controller's certificate's time. */
const RENEW_AFTER_MS = 45 * 86_400_000;
const LOOK_MS = 3_600_000;

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
  /** Shows a certificate that is made now. Requests under way go on; who is just connecting may have to do it again. */
  replace: () => Promise<void>;
}

type Server = Deno.HttpServer<Deno.NetAddr>;

/** Serves until it is disposed of, which lets requests under way end for a while. */
export async function serve(options: ServeOptions): Promise<Served> {
  let server = listen(options, await options.pair?.());
  const { addr } = server;
  const ending = new AbortController();
  const former = new Set<Promise<void>>();
  const replace = async () => {
    const pair = await options.pair?.();
    // The end may have begun meanwhile.
    if (ending.signal.aborted) return;
    const before = server;
    server = listen({ ...options, port: addr.port }, pair);
    const ended = before.shutdown().finally(() => former.delete(ended));
    former.add(ended);
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
        await deadline(Promise.all([server.shutdown(), ...former]), SHUTDOWN_MS);
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
    await clock.sleep(Math.min(LOOK_MS, renewAfterMs), { signal }).catch((error) => {
      if (!signal.aborted) throw error;
    });
    if (signal.aborted || clock.wall() - sinceMs < renewAfterMs) continue;
    try {
      await replace();
      sinceMs = clock.wall();
    } catch (error) {
      log.error("Cannot replace the controller's certificate: tried again", { error });
    }
  }
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
