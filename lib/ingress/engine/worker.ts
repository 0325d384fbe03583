/**
 * One thread of the ingress: runs an engine, tells it what the controller's thread says, and tells that what the engine
 * has counted. In a compiled program a worker's main module is the entry file, which calls `runIngressWorker`.
 * @module
 */
import { systemClock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import { systemRandom } from "../../runtime/random.ts";
import { AccessLog, type LogOutput, writeAccessLog } from "../seen/access_log.ts";
import { LogFile, standardOutput } from "../seen/log_output.ts";
import { parseNetworks } from "../seen/networks.ts";
import { TrafficMetrics } from "../seen/traffic_metrics.ts";
import type { AgentAccess } from "../../wire/tunnel.ts";
import { startDenoEngine } from "./deno/deno_engine.ts";
import type { Engine, Traffic } from "./engine.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import type { AccessLogSettings } from "./settings.ts";
import { changed } from "./traffic_change.ts";

/** What was counted is passed on this often. */
const BATCH_MS = 500;

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
  close(): void;
}

type StartMessage = Extract<ToWorker, { kind: "start" }>;

const log = getLog("ingress");

/** Makes this worker one of the ingress. */
export function runIngressWorker(): void {
  const scope = globalThis as unknown as WorkerScope;
  if (scope.onmessage) return;
  const thread = new Thread(scope);
  scope.onmessage = ({ data }) => thread.hear(data);
  scope.postMessage({ kind: "ready" });
}

class Thread {
  readonly #scope: WorkerScope;
  readonly #metrics = new TrafficMetrics();
  readonly #access: AgentAccess;
  readonly #tokens = new Map<number, (token: string | undefined) => void>();
  readonly #ending = new AbortController();
  /** As they were told last. */
  readonly #services = new Map<string, Traffic>();
  #accessLog: AccessLog | undefined;
  #dropped = 0;
  #asks = 0;
  #engine: Engine | undefined;
  #logging: Promise<void> | undefined;
  #counting: ReturnType<typeof setInterval> | undefined;

  constructor(scope: WorkerScope) {
    this.#scope = scope;
    this.#access = { agentToken: (nodeUrl) => this.#tokenFor(nodeUrl), caCerts: undefined };
  }

  hear(message: ToWorker): void {
    switch (message.kind) {
      case "start":
        return this.#start(message);
      case "set":
        return this.#set(message.service, message.traffic);
      case "change": {
        const former = this.#services.get(message.service);
        // It hears the whole when it starts.
        return former && this.#set(message.service, changed(former, message.change));
      }
      case "delete":
        this.#services.delete(message.service);
        return this.#engine?.delete(message.service);
      case "certificates":
        return this.#engine?.reload(message.certificates);
      case "leave":
        void this.#engine?.left(message.replica).then(() =>
          this.#scope.postMessage({ kind: "left", ask: message.ask })
        );
        return;
      case "token":
        this.#tokens.get(message.ask)?.(message.token);
        this.#tokens.delete(message.ask);
        return;
      case "trust":
        this.#access.caCerts = message.caCerts;
        return;
      case "end":
        return void this.#end();
    }
  }

  #start({ ports, isShared, settings, caCerts, certificates, services, limits }: StartMessage): void {
    this.#access.caCerts = caCerts;
    const accessLog = this.#accessLog = settings.accessLog && this.#openLog(settings.accessLog);
    try {
      this.#engine = startDenoEngine({
        listening: ports.plain,
        tls: { listening: ports.tls, certificates },
        httpsPort: ports.tls[0]?.port || undefined,
        isShared,
        defaultService: settings.defaultService,
        limits: settings.limits,
        trusted: parseNetworks(settings.trustedProxies),
        access: this.#access,
        metrics: this.#metrics,
        isTracing: settings.isTracing,
        ...(accessLog && { accessLog }),
        // Each thread counts its time from its own beginning.
        sharedLimits: limits && { cells: limits.cells, aheadMs: limits.nowMs - systemClock.now() },
        onTcpPort: (news) => this.#scope.postMessage({ kind: "tcp_port", news }),
        now: systemClock.now,
        wall: systemClock.wall,
        chance: systemRandom.next,
      });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return this.#scope.postMessage({ kind: "failed", reason: error.message });
    }
    // Nobody is served before this moment is over, though the ports are open.
    for (const [service, traffic] of services) this.#set(service, traffic);
    this.#counting = setInterval(() => this.#passOn(), BATCH_MS);
    const { addresses, tlsAddresses } = this.#engine;
    this.#scope.postMessage({ kind: "listening", addresses, tlsAddresses });
  }

  #set(service: string, traffic: Traffic): void {
    if (this.#engine === undefined) return;
    this.#services.set(service, traffic);
    this.#engine.set(service, traffic);
  }

  #openLog({ format, share, path }: AccessLogSettings): AccessLog {
    const accessLog = new AccessLog({ format, share, random: systemRandom });
    const output: LogOutput = path === "-" ? standardOutput : new LogFile(path);
    this.#logging = writeAccessLog(accessLog, output, { clock: systemClock, signal: this.#ending.signal });
    this.#logging.catch((error) => log.error("The access log has ended", { error }));
    return accessLog;
  }

  #passOn(): void {
    const dropped = this.#accessLog?.droppedTotal ?? 0;
    if (dropped > this.#dropped) this.#metrics.edge.add("access_lines_dropped_total", dropped - this.#dropped);
    this.#dropped = dropped;
    const batch = this.#metrics.takeBatch();
    if (batch.length > 0) this.#scope.postMessage({ kind: "counted", batch });
  }

  #tokenFor(nodeUrl: string): Promise<string | undefined> {
    const ask = this.#asks++;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#tokens.set(ask, resolve);
    this.#scope.postMessage({ kind: "token_wanted", ask, nodeUrl });
    return promise;
  }

  async #end(): Promise<void> {
    await this.#engine?.[Symbol.asyncDispose]();
    clearInterval(this.#counting);
    this.#ending.abort();
    await this.#logging;
    this.#passOn();
    this.#scope.postMessage({ kind: "ended" });
    this.#scope.close();
  }
}

// In a bundle every module is "main", also outside of workers.
if (import.meta.main && "WorkerGlobalScope" in globalThis && globalThis.name === "ingress") runIngressWorker();
