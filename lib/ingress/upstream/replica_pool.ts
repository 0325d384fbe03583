/**
 * The ways to replicas: straight to the port where a replica runs on this host, else through a tunnel of its agent's.
 * Connections are kept for the next request, as long as their replica is in the table: one that is withdrawn ends once
 * nobody is connected to it any more.
 * @module
 */
import type { Endpoint } from "../../cluster/endpoint.ts";

import type { AgentAccess } from "../../wire/tunnel.ts";
import type { Attendance } from "../attendance.ts";
import { openReplica } from "./open_replica.ts";
import { ReplicaConnection } from "./replica_connection.ts";

/** Less than the servers of common frameworks keep an idle connection: what they close must not meet a POST. */
const RESTING_MS_MAX = 1_500;
const RESTING_PER_REPLICA_MAX = 64;

/** Looks now and then for what is due. */
interface Sweeper {
  add(member: { readonly dueMs: number; due(nowMs: number): void }): void;
  delete(member: { readonly dueMs: number; due(nowMs: number): void }): void;
}

export interface PoolOptions {
  now: () => number;
  attendance: Pick<Attendance, "attend">;
  /** Without one, what is too old is closed when the next request comes. */
  sweep?: Sweeper;
}

/** The resting connections to one replica, the longest resting first. */
interface Resting {
  endpoint: Endpoint;
  connections: ReplicaConnection[];
  /** Ends the watch over the replica. */
  leave: () => void;
}

export class ReplicaPool {
  readonly #access: AgentAccess;
  readonly #now: () => number;
  readonly #attendance: Pick<Attendance, "attend">;
  readonly #sweep: PoolOptions["sweep"];
  readonly #replicas = new Map<string, Resting>();
  /** When the connection that has rested longest is too old; unless something rests: never. */
  dueMs = Infinity;

  constructor(access: AgentAccess, { now, attendance, sweep }: PoolOptions) {
    this.#access = access;
    this.#now = now;
    this.#attendance = attendance;
    this.#sweep = sweep;
  }

  /** A connection that rests. The one used last comes first: it is the least likely to be stale. */
  take(endpoint: Endpoint): ReplicaConnection | undefined {
    const resting = this.#restingOf(endpoint);
    const connection = resting.connections.pop();
    if (connection === undefined) return undefined;
    if (this.#now() - connection.restingSinceMs <= RESTING_MS_MAX) return connection;
    // The one used last is too old, and so are all.
    connection.close();
    closeAll(resting);
    return undefined;
  }

  /** Lays a connection to rest whose answer is complete. */
  give(endpoint: Endpoint, connection: ReplicaConnection): void {
    const resting = this.#replicas.get(endpoint.replica);
    const { length = Infinity } = resting?.connections ?? {};
    if (resting === undefined || !isSamePlace(resting.endpoint, endpoint) || length >= RESTING_PER_REPLICA_MAX) {
      return connection.close();
    }
    const nowMs = this.#now();
    if (this.dueMs === Infinity) this.#lookAt(nowMs + RESTING_MS_MAX);
    resting.connections.push(connection);
    connection.rest(nowMs, () => {
      const index = resting.connections.indexOf(connection);
      // Taken out since, it is a request's, and what came is its answer.
      if (index === -1) return;
      resting.connections.splice(index, 1);
      connection.close();
    });
  }

  /** A new connection. Rejects when there is none to be had. */
  async open(endpoint: Endpoint, { signal }: { signal: AbortSignal }): Promise<ReplicaConnection> {
    const { conn, early } = await openReplica(endpoint, { access: this.#access, signal });
    return new ReplicaConnection(conn, { early });
  }

  /** Closes what has rested for too long. */
  due(nowMs: number): void {
    let oldestMs = Infinity;
    for (const { connections } of this.#replicas.values()) {
      while (connections[0] !== undefined && nowMs - connections[0].restingSinceMs > RESTING_MS_MAX) {
        connections.shift()!.close();
      }
      oldestMs = Math.min(oldestMs, connections[0]?.restingSinceMs ?? Infinity);
    }
    this.#lookAt(oldestMs + RESTING_MS_MAX);
  }

  dispose(): void {
    this.#lookAt(Infinity);
    for (const replica of this.#replicas.keys()) this.#drop(replica);
  }

  /** Closes what rests for a replica, and lets no more come to rest. */
  #drop(replica: string): void {
    const resting = this.#replicas.get(replica);
    if (resting === undefined) return;
    this.#replicas.delete(replica);
    resting.leave();
    closeAll(resting);
  }

  #lookAt(dueMs: number): void {
    this.dueMs = dueMs;
    if (dueMs === Infinity) this.#sweep?.delete(this);
    else this.#sweep?.add(this);
  }

  #restingOf(endpoint: Endpoint): Resting {
    const known = this.#replicas.get(endpoint.replica);
    if (known !== undefined && isSamePlace(known.endpoint, endpoint)) return known;
    const { replica } = endpoint;
    this.#drop(replica);
    const resting = { endpoint, connections: [], leave: this.#attendance.attend(replica, () => this.#drop(replica)) };
    this.#replicas.set(replica, resting);
    return resting;
  }
}

function closeAll({ connections }: Resting): void {
  for (const connection of connections.splice(0)) connection.close();
}

function isSamePlace(a: Endpoint, b: Endpoint): boolean {
  return a === b || (a.port === b.port && a.nodeUrl === b.nodeUrl);
}
