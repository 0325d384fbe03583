/**
 * The API over a memory store and the real loop, without sockets: agents are what a test makes of them by `hear()`.
 * @module
 */
import { byTokenFile, byTokens } from "../../../lib/controller/api/access/authenticators.ts";
import { createGuard } from "../../../lib/controller/api/access/guard.ts";
import { createHandler } from "../../../lib/controller/api/handler.ts";
import type { ApiContext } from "../../../lib/controller/api/context.ts";
import { Seats } from "../../../lib/controller/api/seats.ts";
import { AgentClient } from "../../../lib/controller/agents/agent_client.ts";
import type { LoopEffect } from "../../../lib/controller/loop/effect.ts";
import { Gate } from "../../../lib/controller/gate.ts";
import { History } from "../../../lib/controller/history.ts";
import { Loop } from "../../../lib/controller/loop/loop.ts";
import { ControllerMetrics, metricsText } from "../../../lib/controller/metrics.ts";
import { takeOver } from "../../../lib/controller/open_store.ts";
import { Receipts } from "../../../lib/controller/change/receipts.ts";
import { Sessions } from "../../../lib/controller/people/sessions.ts";
import { Shell } from "../../../lib/controller/shell.ts";
import { openMemoryStore } from "../../../lib/controller/store/memory.ts";
import type { Store } from "../../../lib/controller/store/store.ts";
import { Tokens } from "../../../lib/controller/people/tokens.ts";
import { ClusterUsage } from "../../../lib/controller/usage/cluster_usage.ts";
import { WatchHub } from "../../../lib/controller/watch/hub.ts";
import { put } from "../../../lib/cluster/record.ts";
import { newNode } from "../../../lib/controller/loop/node_record.ts";
import { type Clock, systemClock } from "../../../lib/runtime/clock.ts";
import type { ArtifactStore } from "../../../lib/controller/artifacts/artifact_store.ts";
import { NO_ARTIFACTS } from "../../support/no_artifacts.ts";
import { seededRandom } from "../../../lib/runtime/random.ts";
import type { AgentHealth } from "../../../lib/wire/protocol.ts";
import { asDocumented } from "./documented.ts";

export const CLUSTER = "00000000-0000-4000-8000-00000000c0de";

export interface Harness extends AsyncDisposable {
  api: ApiContext;
  shell: Shell;
  store: Store;
  /** The effects that were for agents, in their order. */
  sent: LoopEffect[];
  /** Sends a request as curl would, and gives the answer. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
  /** Adds a node that is ready, with nothing running on it. */
  addNode(name: string): Promise<string>;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Where the request seems to come from. */
  from?: string;
}

export interface HarnessOptions {
  token?: string;
  hosts?: string[];
  clock?: Clock;
  artifacts?: ArtifactStore;
  /** A store that behaves worse than the usual one. */
  wrapStore?: (store: Store) => Store;
}

export async function startApi(
  { token, hosts = [], clock = systemClock, artifacts = NO_ARTIFACTS, wrapStore = (store) => store }: HarnessOptions =
    {},
): Promise<Harness> {
  const random = seededRandom(7);
  const memory = openMemoryStore({ cluster: CLUSTER });
  const store = wrapStore(memory);
  const loaded = await takeOver(memory, { agents: [], random });
  const sent: LoopEffect[] = [];
  const history = new History({ clock, epoch: loaded.leadership.epoch });
  const receipts = new Receipts();
  const tokens = new Tokens(clock);
  const sessions = new Sessions({ clock, stands: (who) => tokens.stands(who) });
  const metrics = new ControllerMetrics();
  const loop = new Loop({ settings: { healthIntervalMs: 5_000, lostAfterMs: 120_000 }, random });
  const shell: Shell = new Shell({
    loop,
    store,
    clock,
    healthIntervalMs: 5_000,
    fleet: { perform: (effect) => sent.push(effect) },
    onHappened: (happening) => history.add(happening),
    onEndpoints: () => {},
    onCommit: (commit) => {
      receipts.follow(commit);
      tokens.follow(commit);
    },
    onCommitted: (tookMs, outcome) => metrics.commits.observe(tookMs, { outcome }),
  });
  const client = new AgentClient({ now: clock.now });
  const ending = new AbortController();
  const api: ApiContext = {
    state: loop.state,
    waits: () => loop.waits,
    isStoreFull: () => loop.isStoreFull,
    obstacles: () => [],
    rebalance: () => shell.report({ kind: "rebalance_asked" }),
    store,
    folder: "",
    artifacts,
    until: (condition, waitMs) => shell.until(condition, waitMs),
    receipts,
    tokens,
    sessions,
    identity: undefined,
    audit: { append: () => Promise.resolve(), read: () => Promise.resolve({ entries: [], next: null }) },
    stands: (who) => who.kind !== "person" || sessions.stands(who),
    history,
    client,
    clock,
    random,
    leader: () => "http://127.0.0.1:8000",
    pages: () => Promise.resolve(undefined),
    metrics: () => metricsText({ metrics, state: loop.state, decisions: shell.decisions }),
    count: (labels) => metrics.requests.add(labels),
    writes: new Gate(1),
    plans: new Gate(1),
    traffic: () => ({ intervalMs: 5_000, points: [] }),
    usage: new ClusterUsage(),
    watch: new WatchHub(),
    streams: new Seats(2),
    ending: ending.signal,
  };
  shell.start(loaded);
  const authenticators = [...(token === undefined ? [] : [byTokenFile(token)]), byTokens(tokens)];
  const handle = createHandler({
    api,
    guard: createGuard({ required: token !== undefined, authenticators, sessions, hosts, clock }),
    proxy: (request) => new Response(`proxied ${new URL(request.url).pathname}`),
  });
  const call = async (method: string, path: string, { body, headers = {}, from = "127.0.0.1" }: CallOptions = {}) => {
    const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array ||
      body instanceof ReadableStream;
    const sent = isRaw ? body as BodyInit | undefined : JSON.stringify(body);
    const init = { method, headers, ...(sent === undefined ? {} : { body: sent }) };
    const completed = Promise.resolve();
    const remoteAddr = { transport: "tcp" as const, hostname: from, port: 50_000 };
    const request = new Request(new URL(path, "http://127.0.0.1:8000"), init);
    return await asDocumented({ method, path }, await handle(request, { remoteAddr, completed }));
  };
  const addNode = async (name: string) => {
    const url = `http://127.0.0.1:${9_000 + api.state.nodes.size}`;
    const record = newNode(random.uuid(), url, { ...agentNamed(name), identity: random.uuid() });
    const outcome = await memory.append([put(record)]);
    if (outcome.kind !== "committed") throw new Error(outcome.kind);
    await shell.until(() => api.state.nodes.has(record.id), 1_000);
    const probe = sent.find((effect) => effect.kind === "probe" && effect.node === record.id);
    if (probe?.kind !== "probe") throw new Error("no probe was sent");
    const health = { ...agentNamed(name), identity: record.identity ?? "" };
    shell.report({ kind: "probe_answered", node: record.id, probe: probe.probe, health });
    return record.id;
  };
  return {
    api,
    shell,
    store,
    sent,
    call,
    addNode,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      shell.stop();
      client[Symbol.dispose]();
      await memory[Symbol.asyncDispose]();
    },
  };
}

/** What an agent of that name says of itself. */
export function agentNamed(name: string): AgentHealth {
  return {
    program: "muster-agent",
    identity: "00000000-0000-4000-8000-000000000001",
    name,
    version: "0.1.0",
    cluster: null,
    epoch: 0,
    revision: 0,
    labels: {},
    features: ["isolation", "artifacts"],
    capacity: { cpu: 4, memory: 8_192 },
    leaving: false,
  };
}
