/**
 * The payload's answers. A request comes in from `Deno.serve`, meets its fate (`fate.ts`), and is answered by its path.
 * Whatever a watcher needs is cheap and never cached.
 * @module
 */
import { VERSION } from "../runtime/version.ts";
import { metricsText } from "./counters.ts";
import { type Fate, fateOf, isProbe } from "./fate.ts";
import { echo, sleep, stream } from "./play_routes.ts";
import { echoSocket } from "./web_sockets.ts";
import { notReadyBecause, uptimeMs, uptimeSeconds, type Work } from "./work.ts";

/** Answers one request, or doesn't, and counts it. */
export async function handle(request: Request, work: Work): Promise<Response> {
  work.counters.inFlight++;
  try {
    const response = await respond(request, work);
    work.counters.answered.set(response.status, (work.counters.answered.get(response.status) ?? 0) + 1);
    return response;
  } finally {
    work.counters.inFlight--;
  }
}

async function respond(request: Request, work: Work): Promise<Response> {
  const path = new URL(request.url).pathname;
  const fate = meetFate(path, work);
  if (fate === "hang") return await never();
  if (fate === "crash") {
    work.crash();
    return await never();
  }
  if (work.config.latencyMs > 0 && !isProbe(path)) await work.clock.sleep(work.config.latencyMs);
  return fate === "error" ? text("We all gonna die", 500) : await answer(request, { path, work });
}

function meetFate(path: string, work: Work): Fate {
  if (!isProbe(path)) work.requests++;
  return fateOf(work.config, {
    path,
    requestNumber: work.requests,
    uptimeMs: uptimeMs(work),
    chance: work.random.next(),
  });
}

function answer(request: Request, { path, work }: { path: string; work: Work }): Response | Promise<Response> {
  switch (path) {
    case "/":
      return text(hello(work));
    case "/ping":
      return text("pong");
    case "/healthz":
      return text("ok");
    case "/readyz": {
      const reason = notReadyBecause(work);
      return reason === undefined ? text("ready") : text(`not ready: ${reason}`, 503);
    }
    case "/whoami":
      return Response.json(whoami(work), { headers: NOT_CACHED });
    case "/metrics":
      return metrics(work);
    case "/echo":
      return echo(request);
    case "/sleep":
      return sleep(request, work.clock);
    case "/stream":
      return stream(request, work.clock);
    case "/ws":
      return echoSocket(request, work.sockets);
    default:
      return text("not found", 404);
  }
}

/** The greeting of the contract, to the letter. */
function hello(work: Work): string {
  return `${work.config.greeting} from Worker ID: ${work.identity.id}. Uptime: ${uptimeSeconds(work)}s\n`;
}

function whoami(work: Work): Record<string, unknown> {
  return {
    ...work.identity,
    greeting: work.config.greeting,
    uptime_s: uptimeSeconds(work),
    started_at: new Date(work.startedAtMs.wall).toISOString(),
    ready: notReadyBecause(work) === undefined,
    pid: Deno.pid,
    host: work.listening?.host,
    port: work.listening?.port,
    version: VERSION,
  };
}

function metrics(work: Work): Response {
  const page = metricsText(work.counters, {
    uptimeMs: uptimeMs(work),
    startedAtMs: work.startedAtMs.wall,
    residentBytes: Deno.memoryUsage().rss,
    ready: notReadyBecause(work) === undefined,
  });
  return new Response(page, { headers: { ...NOT_CACHED, "content-type": "text/plain; version=0.0.4; charset=utf-8" } });
}

const NOT_CACHED = { "cache-control": "no-store" };

function text(body: string, status = 200): Response {
  return new Response(body, { status, headers: { ...NOT_CACHED, "content-type": "text/plain; charset=utf-8" } });
}

/** For requests that get no answer: the client's patience or the process ends first. */
function never(): Promise<never> {
  return new Promise(() => {});
}
