/**
 * Tells all who watch the cluster what changes: once for all of them, ten times a second at most, and only while there
 * are any. The core notes what it touches (`cluster/touched.ts`); here that becomes views, of which those are left out
 * that look as they did when they were told last. A snapshot comes first, and again for who could not keep up.
 * @module
 */
import { isTouched, nothingTouched } from "../../cluster/touched.ts";
import { pause } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import type { ApiContext } from "../api/context.ts";
import { isScoped, type Principal } from "../people/principal.ts";
import { ChangeTaker } from "./change_taker.ts";
import { ownMessage, wholeMessage } from "./message.ts";
import { snapshotOf, type SnapshotSource } from "./snapshot.ts";
import { type Told, Watcher } from "./watcher.ts";

/** Between two messages. */
const PAUSE_MS = 100;
/** After a message that took long to make there is a longer pause: so many times as long. */
const PAUSE_PER_WORK = 10;
/** How long to wait at most before looking whether there is something to tell, or anybody left. */
const LOOK_MS = 60_000;

export type HubSource = SnapshotSource & Pick<ApiContext, "until">;

const log = getLog("watch");

export class WatchHub {
  readonly #watchers = new Set<Watcher>();
  /** Who has read a snapshot since everything was told: between its pieces there may have been changes back and forth. */
  readonly #catchingUp = new Map<Watcher, "reading" | "done">();
  #telling: Telling | undefined;

  /** Whoever watches from now on, until it is disposed of. */
  join(source: HubSource, who: Principal): Watching {
    const watcher = new Watcher(who);
    this.#watchers.add(watcher);
    if (this.#telling === undefined) this.#begin(source);
    return {
      snapshot: (after) => this.#snapshot(source, { watcher, after }),
      take: () => watcher.take(),
      get needsSnapshot() {
        return watcher.needsSnapshot;
      },
      get hasEnded() {
        return watcher.hasEnded;
      },
      news: () => watcher.news(),
      [Symbol.dispose]: () => this.#leave(watcher),
    };
  }

  get size(): number {
    return this.#watchers.size;
  }

  *#snapshot(
    source: HubSource,
    { watcher, after }: { watcher: Watcher; after: number | undefined },
  ): Generator<Told> {
    // What happened before it is told to the others first: to this watcher it would be told twice.
    this.#tell(source);
    watcher.beginSnapshot();
    this.#catchingUp.set(watcher, "reading");
    const { last, pieces } = snapshotOf(source, { watcher, after });
    for (const text of pieces) yield { last, text };
    this.#catchingUp.set(watcher, "done");
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    this.#catchingUp.delete(watcher);
    if (this.#watchers.size > 0) return;
    this.#telling?.ending.abort();
    this.#telling = undefined;
  }

  #begin(source: HubSource): void {
    const ending = new AbortController();
    const taker = new ChangeTaker(source);
    this.#telling = { ending, taker };
    source.state.touched = nothingTouched();
    ending.signal.addEventListener("abort", () => source.state.touched = undefined, { once: true });
    this.#keepTelling(source, this.#telling).catch((error) => this.#fail(error));
  }

  /** Whoever comes back begins anew; to go on would leave them with what is no longer true. */
  #fail(error: unknown): void {
    log.error("Cannot tell what changes: ended the streams of all who watch", { error });
    const watchers = [...this.#watchers];
    for (const watcher of watchers) this.#leave(watcher);
    for (const watcher of watchers) watcher.end();
  }

  async #keepTelling(source: HubSource, { ending: { signal }, taker }: Telling): Promise<void> {
    const { clock, until } = source;
    while (!signal.aborted) {
      await until(() => signal.aborted || taker.hasNews(), LOOK_MS);
      if (signal.aborted) return;
      const sinceMs = clock.now();
      const hasTold = this.#tell(source);
      const pauseMs = Math.max(hasTold ? PAUSE_MS : 0, (clock.now() - sinceMs) * PAUSE_PER_WORK);
      await pause(clock, pauseMs, signal);
    }
  }

  /** Tells everybody what is new. Gives whether anything was. */
  #tell(source: HubSource): boolean {
    const taker = this.#telling?.taker;
    if (taker === undefined || !taker.hasNews()) return false;
    const changes = taker.take({ repeats: this.#catchingUp.size > 0 });
    const { touched } = source.state;
    if (touched !== undefined && !isTouched(touched)) this.#forgetCaughtUp();
    const whole = wholeMessage(changes);
    const { last } = source.history;
    const text = whole && partOf(last, whole);
    for (const watcher of this.#watchers) {
      if (!isScoped(watcher.who)) {
        if (text !== undefined) watcher.tell({ last, text });
      } else if (!watcher.needsSnapshot) {
        const own = ownMessage(source, changes, watcher);
        if (own !== undefined) watcher.tell({ last, text: partOf(last, own) });
      }
    }
    return text !== undefined;
  }

  #forgetCaughtUp(): void {
    for (const [watcher, state] of this.#catchingUp) if (state === "done") this.#catchingUp.delete(watcher);
  }
}

/** One who watches, in the hands of who writes to them. */
export interface Watching extends Disposable {
  /** What there is, in pieces of one message, after which the changes come. */
  snapshot(after: number | undefined): Generator<Told>;
  take(): Told | undefined;
  readonly needsSnapshot: boolean;
  /** Nothing is told any more. */
  readonly hasEnded: boolean;
  /** Resolves when there is something to take, a snapshot is needed, or nothing is told any more. */
  news(): Promise<void>;
}

interface Telling {
  ending: AbortController;
  taker: ChangeTaker;
}

function partOf(last: number, message: unknown): string {
  return `id: ${last}\ndata: ${JSON.stringify(message)}\n\n`;
}
