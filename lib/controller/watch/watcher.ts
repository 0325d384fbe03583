/**
 * One who watches: the messages that wait for them, within bounds. Who reads too slowly gets none of them but a new
 * snapshot, which says it all in less; so a reader that stands still costs no more than one that was never there.
 * @module
 */
import type { NodeView } from "../../wire/api.ts";
import { isScoped, type Principal } from "../people/principal.ts";
import { newsIn } from "./news_in.ts";

const MESSAGES_MAX = 64;
const CHARS_MAX = 8 * 1_024 * 1_024;

/** A message as it goes out, with the id of the last event that is told once it is read. */
export interface Told {
  last: number;
  text: string;
}

export class Watcher {
  readonly who: Principal;
  /** For whom nodes look different than for others: those that they know, as they were told last. */
  readonly #nodes = new Map<string, string>();
  readonly #waiting: Told[] = [];
  #chars = 0;
  #needsSnapshot = true;
  #hasEnded = false;
  #news = Promise.withResolvers<void>();

  constructor(who: Principal) {
    this.who = who;
  }

  /** Whether all that there is to know has to be said anew. */
  get needsSnapshot(): boolean {
    return this.#needsSnapshot;
  }

  /** Whether nobody tells them anything any more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** A snapshot is about to be told: what is told from now on comes after it. */
  beginSnapshot(): void {
    this.#needsSnapshot = false;
    this.#nodes.clear();
  }

  tell(message: Told): void {
    if (this.#needsSnapshot) return;
    this.#waiting.push(message);
    this.#chars += message.text.length;
    if (this.#waiting.length > MESSAGES_MAX || this.#chars > CHARS_MAX) {
      this.#waiting.length = 0;
      this.#chars = 0;
      this.#needsSnapshot = true;
    }
    this.#wake();
  }

  /** Takes note of a node that is told to them. Gives whether that is news. */
  knows(node: NodeView): boolean {
    if (!isScoped(this.who)) return true;
    const news = newsIn(node);
    if (this.#nodes.get(node.id) === news) return false;
    this.#nodes.set(node.id, news);
    return true;
  }

  /** A node is not theirs to see, or no more. Gives whether they knew it. */
  forgets(node: string): boolean {
    return this.#nodes.delete(node);
  }

  /** The next message, if there is one. */
  take(): Told | undefined {
    const message = this.#waiting.shift();
    this.#chars -= message?.text.length ?? 0;
    return message;
  }

  /** Resolves when there is something to take, or to be said anew, or no more. */
  news(): Promise<void> {
    return this.#news.promise;
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
