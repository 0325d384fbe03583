/**
 * A whole controller in this process, on a port of its own, with an ingress that proxies nothing.
 * @module
 */
import { PLACING_USUAL } from "../../lib/cluster/balance.ts";
import type { Endpoint } from "../../lib/cluster/endpoint.ts";
import { runController } from "../../lib/controller/run.ts";
import type { ControllerSettings } from "../../lib/controller/settings.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { Status } from "../../lib/wire/api.ts";
import { systemRandom } from "../../lib/runtime/random.ts";

export interface Running extends AsyncDisposable {
  url: string;
  endpoints: Map<string, readonly Endpoint[]>;
  /** Sends JSON and reads JSON. */
  send(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Asks for `/status` until it is as wanted. */
  eventually<T>(wanted: (status: Status) => T | undefined | false): Promise<T>;
  ended: Promise<void>;
}

const WORKER = new URL("../../lib/controller/store/sqlite_worker.ts", import.meta.url);

/** Resolves once it listens; rejects when it doesn't come to that. */
export async function startController(changes: Partial<ControllerSettings> = {}): Promise<Running> {
  const settings: ControllerSettings = {
    host: "127.0.0.1",
    port: 0,
    advertise: undefined,
    allowedHosts: [],
    agents: [],
    files: [],
    healthIntervalMs: 200,
    lostAfterMs: 600,
    placing: PLACING_USUAL,
    ingress: undefined,
    store: "memory",
    data: undefined,
    token: undefined,
    secure: false,
    ...changes,
  };
  const ending = new AbortController();
  const endpoints = new Map<string, readonly Endpoint[]>();
  const listening = Promise.withResolvers<{ host: string; port: number }>();
  const temporary = settings.data === undefined ? await Deno.makeTempDir({ prefix: "muster-test-" }) : undefined;
  const ended = runController({ ...settings, data: settings.data ?? temporary }, {
    clock: systemClock,
    random: systemRandom,
    env: new Map(),
    hostname: "test-host",
    worker: WORKER,
    openIngress: () => ({
      follow: () => {},
      obstacles: () => [],
      setTraffic: (service, traffic) => void endpoints.set(service, traffic?.endpoints ?? []),
      setAccess: () => {},
      open: () => Promise.resolve(),
      lately: () => ({ intervalMs: 5_000, points: [] }),
      handle: () => new Response("proxied\n"),
      metrics: () => "",
      close: () => {},
    }),
    pages: () => Promise.resolve(undefined),
    ending: ending.signal,
    onListening: listening.resolve,
  });
  const { port } = await Promise.race([listening.promise, ended.then(() => listening.promise)]);
  const url = `http://127.0.0.1:${port}`;
  const send = async (method: string, path: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(url + path, init);
    return { status: response.status, body: JSON.parse(await response.text() || "null") };
  };
  return {
    url,
    endpoints,
    send,
    async eventually(wanted) {
      for (;;) {
        const found = wanted(Status.parse((await send("GET", "/status")).body));
        if (found !== undefined && found !== false) return found;
        await systemClock.sleep(20);
      }
    },
    ended,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await ended;
      if (temporary !== undefined) await Deno.remove(temporary, { recursive: true });
    },
  };
}
