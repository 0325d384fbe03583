/**
 * A TCP port of the ingress: takes connections in, each a session of its own with a replica of the service, as many as
 * are bounded. When the replicas that serve the port change, the sessions of those that are lost or have lost their role
 * are cut at once, and those of withdrawn ones go on until they end or their replica does.
 * @module
 */
import { type Clock, systemClock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import { type Named, type SessionEnd, type SessionParts, TcpSession, type TcpSettings } from "./session.ts";

const SESSIONS_MAX = 10_000;
/** When the system has no more sockets to give, some have to be closed first. */
const ACCEPT_PAUSE_MS = 100;

export interface TcpListenerOptions<E extends Named> extends Omit<SessionParts<E>, "settings"> {
  /** Closed by `close()`. */
  readonly listener: Deno.Listener;
  /** Asked for each connection: they may change. */
  readonly settings: () => TcpSettings;
  readonly sessionsMax?: number;
  readonly clock?: Pick<Clock, "sleep">;
  readonly onEnded?: (session: EndedSession) => void;
}

/** A session that is over. */
export interface EndedSession {
  readonly source: string;
  /** Undefined where it was with none. */
  readonly replica: string | undefined;
  readonly end: SessionEnd;
  /** Bytes from the client, and to it. */
  readonly received: number;
  readonly sent: number;
}

/** What has happened so far; it only grows, but for what is open. */
export interface TcpCounts {
  readonly open: number;
  readonly accepted: number;
  /** Closed at once, as there were too many. */
  readonly turnedAway: number;
  readonly connectFailures: number;
  readonly received: number;
  readonly sent: number;
}

const log = getLog("ingress");

export class TcpListener<E extends Named> {
  readonly #options: TcpListenerOptions<E>;
  readonly #sessions = new Map<TcpSession<E>, Promise<void>>();
  readonly #closing = new AbortController();
  #past = { accepted: 0, turnedAway: 0, connectFailures: 0, received: 0, sent: 0 };

  constructor(options: TcpListenerOptions<E>) {
    this.#options = options;
  }

  /** Takes connections in until it is closed; resolves when the last session is over. */
  async run(): Promise<void> {
    const { listener, sessionsMax = SESSIONS_MAX, clock = systemClock } = this.#options;
    let isFailing = false;
    while (!this.#closing.signal.aborted) {
      let conn: Deno.Conn;
      try {
        conn = await listener.accept();
        isFailing = false;
      } catch (error) {
        if (this.#closing.signal.aborted) break;
        if (!(error instanceof Error) || error instanceof Deno.errors.BadResource) throw error;
        if (!isFailing) log.warn("Cannot take in a connection: trying again", { reason: error.message });
        isFailing = true;
        await clock.sleep(ACCEPT_PAUSE_MS, { signal: this.#closing.signal }).catch(() => undefined);
        continue;
      }
      if (this.#sessions.size < sessionsMax) this.#begin(conn);
      else {
        this.#past.turnedAway += 1;
        conn.close();
      }
    }
    await Promise.all(this.#sessions.values());
  }

  /**
   * Goes by the replicas that serve the port from now on. Those in `withdrawn` get no new sessions from `choose` and keep
   * theirs; whoever is in neither loses them.
   */
  keep({ serving, withdrawn }: { serving: ReadonlySet<string>; withdrawn: ReadonlySet<string> }): void {
    for (const session of [...this.#sessions.keys()]) {
      const replica = session.endpoint?.replica;
      if (replica !== undefined && !serving.has(replica) && !withdrawn.has(replica)) session.lose();
    }
  }

  /** The sessions of each replica that has any. */
  sessionsByReplica(): Map<string, number> {
    const open = new Map<string, number>();
    for (const { endpoint } of this.#sessions.keys()) {
      if (endpoint !== undefined) open.set(endpoint.replica, (open.get(endpoint.replica) ?? 0) + 1);
    }
    return open;
  }

  counts(): TcpCounts {
    const { connectFailures, received, sent, ...others } = this.#past;
    const counts = { ...others, open: this.#sessions.size, connectFailures, received, sent };
    for (const session of this.#sessions.keys()) {
      counts.connectFailures += session.connectFailures;
      counts.received += session.received;
      counts.sent += session.sent;
    }
    return counts;
  }

  /** Takes in no more; what is open is cut after `drainMs`. Resolves when nothing is open. */
  async close({ drainMs }: { drainMs: number }): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort();
      this.#options.listener.close();
    }
    const timer = setTimeout(() => {
      for (const session of [...this.#sessions.keys()]) session.cut("closed");
    }, drainMs);
    await Promise.all(this.#sessions.values());
    clearTimeout(timer);
  }

  #begin(conn: Deno.Conn): void {
    const { settings, choose, release, connect, sweep } = this.#options;
    const session = new TcpSession(conn, { settings: settings(), choose, release, connect, sweep });
    this.#past.accepted += 1;
    const over = session.run().catch((error): SessionEnd => {
      log.error("Cannot carry a connection", { source: session.source, error });
      return "broken";
    }).then((end) => this.#end(session, end));
    this.#sessions.set(session, over);
  }

  #end(session: TcpSession<E>, end: SessionEnd): void {
    const { source, endpoint, received, sent, connectFailures } = session;
    this.#sessions.delete(session);
    this.#past.connectFailures += connectFailures;
    this.#past.received += received;
    this.#past.sent += sent;
    this.#options.onEnded?.({ source, replica: endpoint?.replica, end, received, sent });
  }
}
