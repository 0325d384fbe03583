/**
 * What the API answers from: the loop's state, the store behind it, and what the rest of the controller lends. One
 * object for the life of the controller; every route gets it with its `Call`.
 * @module
 */
import type { Context } from "hono";
import type { ClusterState } from "../../cluster/state.ts";
import type { Wait } from "../../plan/action.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { CallName, Method } from "../../wire/contract/calls.ts";
import type { Need } from "../../wire/contract/operation.ts";
import type { Query } from "../../wire/contract/query.ts";
import type { ArtifactStore } from "../artifacts/artifact_store.ts";
import type { AgentClient } from "../agents/agent_client.ts";
import type { AuditWriter } from "../audit/audited.ts";
import type { AuditReader } from "./audit.ts";
import type { Gate } from "../gate.ts";
import type { ClusterIdentity } from "../identity/cluster_identity.ts";
import type { History } from "../history.ts";
import type { Pages } from "../pages/page_files.ts";
import type { Receipts } from "../change/receipts.ts";
import type { Sessions } from "../people/sessions.ts";
import type { Store } from "../store/store.ts";
import type { Tokens } from "../people/tokens.ts";
import type { Principal } from "../people/principal.ts";
import type { TrafficLately } from "../ingress.ts";
import type { ClusterUsage } from "../usage/cluster_usage.ts";
import type { WatchHub } from "../watch/hub.ts";
import type { Seats } from "./seats.ts";

export interface ApiContext {
  state: ClusterState;
  waits: () => readonly Wait[];
  /** Whether the store has no space left for what is decided. */
  isStoreFull: () => boolean;
  /** What keeps clients from reaching a service as its spec says. */
  obstacles: (service: string) => readonly string[];
  /** Has what runs spread over all nodes anew. */
  rebalance: () => void;
  store: Store;
  /** The controller's data folder. */
  folder: string;
  artifacts: ArtifactStore;
  /** Resolves when the condition holds for the state, or after the time given. */
  until: (condition: () => boolean, waitMs: number) => Promise<void>;
  receipts: Receipts;
  tokens: Tokens;
  sessions: Sessions;
  audit: AuditReader & AuditWriter;
  /** Where nodes have identities of their own. */
  identity: ClusterIdentity | undefined;
  /** Whether the credential still counts with which somebody came. */
  stands: (who: Principal) => boolean;
  history: History;
  client: AgentClient;
  clock: Clock;
  random: Random;
  /** The URL of the controller that decides. */
  leader: () => string;
  /** What `/ui` is answered with. */
  pages: Pages;
  /** The whole page of `/metrics`. */
  metrics: () => string;
  /** Notes an answer of one of Muster's own routes. */
  count: (labels: { method: string; route: string; status: string }) => void;
  /** One write at a time, so that they never conflict with each other but only with the loop's. */
  writes: Gate;
  /** One plan at a time is played, as each takes what the processor has to spare. */
  plans: Gate;
  /** What came through to a service in the last minutes. */
  traffic: (service: string) => TrafficLately;
  /** What agents measure. */
  usage: ClusterUsage;
  /** Tells who watches the cluster. */
  watch: WatchHub;
  /** Places for answers that stay open. */
  streams: Seats;
  /** Aborted when the controller ends: open streams are to end then. */
  ending: AbortSignal;
}

/** Who sends a request, and the address at the other end of its connection. */
export interface Caller {
  who: Principal;
  from: string;
}

/** What a route knows of a request. */
export interface CallEnv {
  Bindings: Caller;
  /** The body as a text, or as bytes where the route takes those. */
  Variables: { api: ApiContext; body: string; bytes: Uint8Array | undefined };
}

/** A request to one of Muster's routes, with its body. */
export type Call = Context<CallEnv>;

export type Handler = (call: Call) => Response | Promise<Response>;

/** One route: a method and a path as hono writes it. */
export interface Route {
  method: Method;
  path: string;
  /** Its entry in the contract; what people look at in a browser has none. */
  operation?: CallName;
  /** Who may use it; unless said, viewers read and operators write. */
  needs?: Need;
  /**
   * What a token that is for some services only may have here: the service that the path names, or what the handler
   * itself makes sure is its own. Unless said, nothing.
   */
  scope?: "named" | "own";
  /** The parameters that it takes; unless said, none. */
  query?: Query;
  /** Its body is taken as bytes, at most so many; unless said, as a text. */
  bodyBytesMax?: number;
  /** Its body is read as it comes, by what answers it. */
  bodyIsStream?: true;
  /** It is in the audit log although it changes nothing. */
  onRecord?: true;
  /** Headers that would have no effect, and which whoever sends them relies on. */
  refuses?: readonly ("if-match" | "if-none-match" | "idempotency-key")[];
  handle: Handler;
}

/** What answers every path that is not Muster's own: the way to the default service's replicas. */
export type ProxyHandler = (
  request: Request,
  info: Deno.ServeHandlerInfo<Deno.NetAddr>,
) => Response | Promise<Response>;
