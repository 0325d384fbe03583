/**
 * What happened, for as long as it is remembered: each happening gets an id and a time, goes to the log, and waits here
 * for whoever reads events. Readers ask for what came after an id, so that a slow one costs nothing. Ids begin with the
 * epoch: they grow over restarts of the controller, and an id of a former one is recognized as gone.
 * @module
 */
import type { Happening } from "../cluster/event.ts";
import type { Clock } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { EventView } from "../wire/api.ts";

export const EVENTS_MAX = 10_000;
/** What is older is forgotten, however few there are. */
export const EVENT_AGE_MAX_MS = 24 * 3_600_000;
const IDS_PER_EPOCH = 2 ** 24;

const log = getLog("cluster");

/** What a reader gets: the events after an id, oldest first. */
export interface Since {
  events: EventView[];
  /** The newest id there is. */
  last: number;
  /** Some events after the id asked for are no longer kept. */
  gone: boolean;
}

interface Kept {
  event: EventView;
  wallMs: number;
}

export class History {
  readonly #clock: Clock;
  /** The oldest are at `#from`; what lies before it is dropped in bulk. */
  #kept: Kept[] = [];
  #from = 0;
  #first: number;
  #last: number;
  #news = Promise.withResolvers<void>();

  constructor({ clock, epoch }: { clock: Clock; epoch: number }) {
    this.#clock = clock;
    this.#first = epoch * IDS_PER_EPOCH + 1;
    this.#last = this.#first - 1;
  }

  add(happening: Happening): void {
    const wallMs = this.#clock.wall();
    this.#last += 1;
    this.#kept.push({ event: { id: this.#last, time: new Date(wallMs).toISOString(), ...happening }, wallMs });
    this.#forget(wallMs);
    const { text, severity, ...fields } = happening;
    log[severity](text, fields);
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  /** The first events after an id; without one, the newest. */
  since(after: number | undefined, { limit }: { limit: number }): Since {
    this.#forget(this.#clock.wall());
    // Who asks from 0 has seen nothing yet: for them nothing is gone that they knew of.
    if (after === undefined) return this.#newest(limit);
    const known = after === 0 || (after >= this.#first - 1 && after <= this.#last);
    const next = known && after ? after + 1 : this.#first;
    const start = this.#from + next - this.#first;
    const events = this.#kept.slice(start, start + limit).map(({ event }) => event);
    return { events, last: events.at(-1)?.id ?? this.#last, gone: !known };
  }

  #newest(limit: number): Since {
    const events = this.#kept.slice(Math.max(this.#from, this.#kept.length - limit)).map(({ event }) => event);
    return { events, last: this.#last, gone: false };
  }

  /** The newest events of which `matches` holds, oldest first. */
  latest(matches: (event: EventView) => boolean, limit: number): EventView[] {
    this.#forget(this.#clock.wall());
    const found: EventView[] = [];
    for (let at = this.#kept.length - 1; at >= this.#from && found.length < limit; at--) {
      const event = this.#kept[at]?.event;
      if (event !== undefined && matches(event)) found.push(event);
    }
    return found.reverse();
  }

  /** The newest id there is. */
  get last(): number {
    return this.#last;
  }

  /** Resolves when there is something new. */
  news(): Promise<void> {
    return this.#news.promise;
  }

  get size(): number {
    return this.#kept.length - this.#from;
  }

  #forget(nowMs: number): void {
    while (this.size > EVENTS_MAX || nowMs - (this.#kept[this.#from]?.wallMs ?? nowMs) > EVENT_AGE_MAX_MS) {
      this.#from += 1;
      this.#first += 1;
    }
    if (this.#from < EVENTS_MAX) return;
    this.#kept = this.#kept.slice(this.#from);
    this.#from = 0;
  }
}
