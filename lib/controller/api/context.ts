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
import type { AgentClient } from "../agents/agent_client.ts";
import type { AuditWriter } from "../audit/audited.ts";
import type { AuditReader } from "./audit.ts";
import type { Gate } from "../gate.ts";
import type { ClusterIdentity } from "../identity/cluster_identity.ts";
import type { History } from "../history.ts";
import type { Receipts } from "../change/receipts.ts";
import type { Sessions } from "../people/sessions.ts";
import type { Store } from "../store/store.ts";
import type { Tokens } from "../people/tokens.ts";
import type { Need, Principal } from "../people/principal.ts";
import type { Query } from "./query.ts";
import type { Seats } from "./seats.ts";

export interface ApiContext {
  state: ClusterState;
  waits: () => readonly Wait[];
  /** Whether the store has no space left for what is decided. */
  isStoreFull: () => boolean;
  /** Has what runs spread over all nodes anew. */
  rebalance: () => void;
  store: Store;
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
  /** The whole page of `/metrics`. */
  metrics: () => string;
  /** Notes an answer of one of Muster's own routes. */
  count: (labels: { method: string; route: string; status: string }) => void;
  /** One write at a time, so that they never conflict with each other but only with the loop's. */
  writes: Gate;
  /** One plan at a time is played, as each takes what the processor has to spare. */
  plans: Gate;
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
  Variables: { api: ApiContext; body: string };
}

/** A request to one of Muster's routes, with its body as text. */
export type Call = Context<CallEnv>;

export type Handler = (call: Call) => Response | Promise<Response>;

/** One route: a method and a path as hono writes it. */
export interface Route {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  /** Who may use it; unless said, viewers read and operators write. */
  needs?: Need;
  /**
   * What a token that is for some services only may have here: the service that the path names, or what the handler
   * itself makes sure is its own. Unless said, nothing.
   */
  scope?: "named" | "own";
  /** The parameters that it takes; unless said, none. */
  query?: Query;
  /** Headers that would have no effect, and which whoever sends them relies on. */
  refuses?: readonly ("if-match" | "if-none-match" | "idempotency-key")[];
  handle: Handler;
}

/** What answers every path that is not Muster's own: the way to the default service's replicas. */
export type ProxyHandler = (
  request: Request,
  info: Deno.ServeHandlerInfo<Deno.NetAddr>,
) => Response | Promise<Response>;
