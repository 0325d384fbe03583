/**
 * Drives one HTTP/2 connection, of a client or to a replica: a loop reads and tells the machine, another writes all that
 * the machine has to say in one piece. What it hears is told to whoever has streams on it.
 * @module
 */
import type { ClientHead, Event, ServerHead } from "../../wire/http2/event.ts";
import type { Machine } from "../../wire/http2/machine.ts";
import type { Channel } from "./channel.ts";

export interface Http2DriverOptions<Head extends ServerHead | ClientHead> {
  now: () => number;
  hear: (event: Event<Head>) => void;
  /** Called before and after each write, for who measures how fast the other side takes. */
  onWrite?: (how: { begins: true } | { begins: false; bytes: number }) => void;
}

export class Http2Driver<Head extends ServerHead | ClientHead> {
  readonly #machine: Machine<Head>;
  readonly #channel: Channel;
  readonly #options: Http2DriverOptions<Head>;
  #writing: Promise<void> | undefined;

  constructor(machine: Machine<Head>, channel: Channel, options: Http2DriverOptions<Head>) {
    this.#machine = machine;
    this.#channel = channel;
    this.#options = options;
  }

  /** Resolves when nothing more is to be heard; what is still to be said has then gone out, as far as it can. */
  async run(isOver: () => boolean): Promise<void> {
    for (;;) {
      this.#listen();
      this.write();
      if (this.#machine.isStalled) await this.#writing;
      if (isOver()) break;
      const read = await this.#channel.read();
      if (typeof read !== "string") this.#machine.push(read, this.#options.now());
      else {
        this.#machine.finish(read);
        this.#listen();
        break;
      }
    }
    this.write();
    await this.#writing;
  }

  /** Sees to it that what the machine has to say goes out; what happens in this moment goes out together. */
  write(): void {
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when nothing is being written. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await Promise.resolve();
    for (;;) {
      const bytes = this.#machine.output();
      // At once: what is said from now on needs another writer.
      if (bytes.length === 0) return void (this.#writing = undefined);
      this.#options.onWrite?.({ begins: true });
      const isSent = await this.#channel.write(bytes);
      this.#options.onWrite?.({ begins: false, bytes: bytes.length });
      if (!isSent) {
        this.#writing = undefined;
        return this.#channel.close();
      }
      this.#listen();
    }
  }

  #listen(): void {
    const { hear } = this.#options;
    for (let event = this.#machine.next(); event !== undefined; event = this.#machine.next()) hear(event);
  }
}
