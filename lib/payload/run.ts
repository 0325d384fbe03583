/**
 * The payload's life: wait if told to, listen, answer, drain, end. Called by the entry file with the real world and by
 * tests with one of their own.
 * @module
 */
import { aborted } from "../runtime/aborted.ts";
import type { Clock } from "../runtime/clock.ts";
import { formatDuration } from "../runtime/duration.ts";
import { getLog } from "../runtime/log.ts";
import type { Random } from "../runtime/random.ts";
import { handle } from "./handler.ts";
import { type Environment, readIdentity } from "./identity.ts";
import { misbehave } from "./misbehave.ts";
import type { PayloadConfig } from "./payload_flags.ts";
import { closeSockets } from "./web_sockets.ts";
import { newWork, type Work } from "./work.ts";

/** What the payload needs from outside. */
export interface World {
  clock: Clock;
  random: Random;
  env: Environment;
  /** Aborted when the program is asked to end. */
  ending: AbortSignal;
  /** Ends the process at once. */
  exit: (code: number) => void;
  /** Called once it listens. */
  onListening?: (address: { host: string; port: number }) => void;
}

const log = getLog("payload");

/** Runs until `ending` is aborted; returns the exit code. */
export async function runPayload(config: PayloadConfig, world: World): Promise<number> {
  const { clock, random, ending } = world;
  const crash = () => {
    log.error("crashing, as told", { exit_code: config.exitCode });
    world.exit(config.exitCode);
  };
  const work = newWork({ config, identity: readIdentity(world.env, random), clock, random, crash });
  const faults = misbehave(config, { clock, signal: ending, crash, write: (bytes) => Deno.stdout.write(bytes) });

  if (!await waited(config.startDelayMs, world)) return 0;
  const server = listen(work);
  if (server === undefined) return 1;
  world.onListening?.({ host: server.addr.hostname, port: server.addr.port });
  await aborted(ending);
  await drain(server, work);
  await faults;
  return 0;
}

/** Begins to listen and says where; undefined, with the reason in the log, when the address can't be had. */
function listen(work: Work): Deno.HttpServer<Deno.NetAddr> | undefined {
  const { host, port } = work.config;
  try {
    const onListen = () => {};
    const server = Deno.serve({ hostname: host, port, onListen }, (request) => handle(request, work));
    const bound = { host: server.addr.hostname, port: server.addr.port };
    work.listening = { sinceMs: work.clock.now(), ...bound };
    const address = addressText(bound);
    log.info(`listening on http://${address}`, { address, replica: work.identity.id, pid: Deno.pid });
    return server;
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    log.error(`Cannot listen on ${addressText({ host, port })}: ${reason}`);
    return undefined;
  }
}

/** Lets requests finish, for as long as the flags allow. New ones on open connections see 503 at `/readyz`. */
async function drain(server: Deno.HttpServer<Deno.NetAddr>, work: Work): Promise<void> {
  work.draining = true;
  log.info("draining", { in_flight: work.counters.inFlight });
  closeSockets(work.sockets);
  const timer = new AbortController();
  const late = work.clock.sleep(work.config.drainMs, { signal: timer.signal }).then(
    () => "late" as const,
    (error) => {
      if (!timer.signal.aborted) throw error;
      return "late" as const;
    },
  );
  const outcome = await Promise.race([server.shutdown().then(() => "done" as const), late]);
  timer.abort();
  await late;
  if (outcome === "late") {
    log.warn("requests were cut off at the end of draining", { in_flight: work.counters.inFlight });
  } else log.info("drained");
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof Deno.errors.AddrInUse) {
    return "the port is in use; give another one with --port, or 0 for any free one";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "this host has no such address; give another one with --host";
  }
  if (error instanceof Deno.errors.PermissionDenied) return "not allowed here; give a port from 1024 on with --port";
  return undefined;
}

/** Whether the wait came to its end, rather than the program. */
async function waited(ms: number, { clock, ending }: World): Promise<boolean> {
  if (ms === 0) return !ending.aborted;
  log.info(`waiting for ${formatDuration(ms)} before listening, as told`);
  try {
    await clock.sleep(ms, { signal: ending });
    return true;
  } catch (error) {
    if (ending.aborted) return false;
    throw error;
  }
}

function addressText({ host, port }: { host: string; port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
