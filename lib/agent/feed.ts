/**
 * What an agent tells everybody who listens to `GET /v1/observations`: first all that it knows, then each change, a
 * heartbeat each second, and a goodbye as the last line. A listener that doesn't keep up is cut off; it comes back and
 * begins with everything anew, so that nothing is missed and nothing piles up.
 * @module
 */
import type { Observation } from "../cluster/replica.ts";
import type { FeedLine } from "../wire/protocol.ts";

/** Lines that may wait for one listener. */
const QUEUE_MAX = 1_000;
const LISTENERS_MAX = 64;
const HEARTBEAT_MS = 1_000;

/** A line before it has its number. */
export type News = FeedLine extends infer Line ? Line extends FeedLine ? Omit<Line, "seq"> : never : never;

/** One who listens. */
interface Listener {
  queue: FeedLine[];
  /** No more lines come: by a goodbye, or because it was too slow. */
  over: boolean;
  wake: () => void;
}

export interface FeedOptions {
  identity: string;
  /** Numbers begin here, so that they grow over the agent's restarts: the wall clock's microseconds. */
  firstSeq: number;
  /** Called with how many listen, whenever that changes. */
  onAudience: (listeners: number) => void;
}

export class Feed {
  readonly #options: FeedOptions;
  readonly #latest = new Map<string, Observation>();
  readonly #listeners = new Set<Listener>();
  #seq: number;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #ended = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#seq = options.firstSeq;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Whether one more may listen. */
  get hasRoom(): boolean {
    return this.#listeners.size < LISTENERS_MAX;
  }

  /** What was last seen of each replica. */
  get latest(): ReadonlyMap<string, Observation> {
    return this.#latest;
  }

  /** Tells an observation, a replica's end here, or that the agent is about to go. */
  tell(news: News): void {
    if (news.kind === "observation") this.#latest.set(news.observation.replica, news.observation);
    if (news.kind === "gone") this.#latest.delete(news.replica);
    this.#seq += 1;
    const line: FeedLine = { ...news, seq: this.#seq };
    for (const listener of this.#listeners) this.#give(listener, line);
  }

  /** Says goodbye as the last line of all streams, those that begin now included. */
  goodbye(replicas: "drained" | "left"): void {
    if (this.#ended) return;
    this.tell({ kind: "goodbye", replicas });
    this.#ended = true;
    for (const listener of this.#listeners) end(listener);
  }

  /** The lines for one listener, from everything known on. */
  async *lines({ signal }: { signal: AbortSignal }): AsyncGenerator<FeedLine> {
    if (this.#ended || signal.aborted) return;
    const listener: Listener = { queue: [this.#snapshot()], over: false, wake: () => undefined };
    this.#join(listener);
    const leave = () => end(listener);
    signal.addEventListener("abort", leave, { once: true });
    try {
      while (true) {
        const lines = listener.queue;
        listener.queue = [];
        yield* lines;
        if (listener.queue.length > 0) continue;
        if (listener.over) return;
        await new Promise<void>((resolve) => listener.wake = resolve);
      }
    } finally {
      signal.removeEventListener("abort", leave);
      this.#leave(listener);
    }
  }

  #snapshot(): FeedLine {
    return { kind: "snapshot", seq: this.#seq, identity: this.#options.identity, replicas: [...this.#latest.values()] };
  }

  #give(listener: Listener, line: FeedLine): void {
    if (listener.queue.length >= QUEUE_MAX) {
      listener.queue = [];
      end(listener);
      // It may be stuck in a write for long: it counts no more from now on.
      this.#leave(listener);
      return;
    }
    listener.queue.push(line);
    listener.wake();
  }

  #join(listener: Listener): void {
    this.#listeners.add(listener);
    this.#heartbeat ??= setInterval(() => this.tell({ kind: "heartbeat" }), HEARTBEAT_MS);
    this.#options.onAudience(this.#listeners.size);
  }

  #leave(listener: Listener): void {
    if (!this.#listeners.delete(listener)) return;
    if (this.#listeners.size === 0) {
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
    }
    this.#options.onAudience(this.#listeners.size);
  }
}

function end(listener: Listener): void {
  listener.over = true;
  listener.wake();
}
