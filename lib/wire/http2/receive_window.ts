/**
 * The window for what is received, of a stream or of the connection (RFC 9113 §5.2): it closes as content comes and
 * opens as the consumer takes it, which is how a slow consumer slows its sender. Openings are announced in halves of
 * the window: announcing each would cost a frame for each.
 * @module
 */

export class ReceiveWindow {
  readonly #bytes: number;
  /** Received, and not taken yet. */
  #held = 0;
  /** Taken, and not announced yet. */
  #due = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** What came and wasn't taken. */
  get held(): number {
    return this.#held;
  }

  /** Content came. False when the sender had no right to send so much. */
  receive(bytes: number): boolean {
    this.#held += bytes;
    return this.#held + this.#due <= this.#bytes;
  }

  /** Content was taken, never more than is held. Gives how much to announce, mostly 0. */
  take(bytes: number): number {
    const taken = Math.min(bytes, this.#held);
    this.#held -= taken;
    this.#due += taken;
    if (this.#due < this.#bytes / 2) return 0;
    const due = this.#due;
    this.#due = 0;
    return due;
  }
}
