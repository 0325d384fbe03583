/**
 * Sessions of the dashboard: a browser that showed a token once goes on with a cookie that no script of a page can read.
 * They are in memory only, so that a restart ends them, and none outlives the token that it was opened with.
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import type { Person } from "./principal.ts";
import { hashOf } from "./tokens.ts";

export const SESSION_MS = 12 * 3_600_000;
/** Of one token; with one more the oldest ends. As there are so many tokens at most, all are bounded. */
export const SESSIONS_PER_PERSON_MAX = 10;

const ID_BYTES = 32;

interface Session {
  who: Person;
  openedMs: number;
}

export class Sessions {
  readonly #clock: Clock;
  readonly #stands: (who: Person) => boolean;
  /** By the digests of their ids, in the order of their beginnings. */
  readonly #sessions = new Map<string, Session>();

  constructor({ clock, stands }: { clock: Clock; stands: (who: Person) => boolean }) {
    this.#clock = clock;
    this.#stands = stands;
  }

  /** Begins one; gives the id that the browser is to come back with. */
  open(who: Person): string {
    for (const [key, session] of this.#sessions) if (!this.#counts(session)) this.#sessions.delete(key);
    const own = [...this.#sessions].filter(([, session]) => session.who.id === who.id).map(([key]) => key);
    const surplus = Math.max(0, own.length + 1 - SESSIONS_PER_PERSON_MAX);
    for (const key of own.slice(0, surplus)) this.#sessions.delete(key);
    const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
    const id = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
    const session = hashOf(id);
    this.#sessions.set(session, { who: { ...who, session }, openedMs: this.#clock.now() });
    return id;
  }

  /** Who it belongs to. */
  find(id: string): Person | undefined {
    const session = this.#sessions.get(hashOf(id));
    return session !== undefined && this.#counts(session) ? session.who : undefined;
  }

  /** Whether somebody still is who they were found to be: by this session, or by the token alone. */
  stands(who: Person): boolean {
    if (who.session === undefined) return this.#stands(who);
    const session = this.#sessions.get(who.session);
    return session !== undefined && this.#counts(session);
  }

  /** For how long it goes on at most; undefined when there is none of that id. */
  leftMs(id: string): number | undefined {
    const session = this.#sessions.get(hashOf(id));
    return session === undefined ? undefined : session.openedMs + SESSION_MS - this.#clock.now();
  }

  end(id: string): void {
    this.#sessions.delete(hashOf(id));
  }

  #counts({ who, openedMs }: Session): boolean {
    return this.#clock.now() - openedMs < SESSION_MS && this.#stands(who);
  }
}
