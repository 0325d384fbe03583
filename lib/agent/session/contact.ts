/**
 * What proves to an agent that its controller hears it. Every answer to a health check has a number; the controller's
 * next request names the last one that it received. From the moment at which that one was sent the controller counts
 * how long this agent has been silent, never from an earlier one, so that is when the clock of isolation starts here.
 * @module
 */
import type { Ack } from "../../wire/protocol.ts";

/** A moment: on the agent's clock, and on the host's own, which counts while the host sleeps as well. */
export interface Moment {
  nowMs: number;
  bootMs: number;
}

/** That the leader of this epoch has received what the agent sent then, as the agent of this node. */
export interface Contact extends Moment {
  node: string;
  epoch: number;
}

/** Answers that may still be named: those of a minute at the shortest interval, to several who ask. */
const REPLIES_MAX = 1_024;

/** The answers of one agent process. */
export class Replies {
  /** Tells this agent process from earlier and later ones. */
  readonly run: string;
  readonly #moment: () => Moment;
  /** By number; the oldest first. */
  readonly #sent = new Map<number, Moment>();
  #last = 0;

  constructor({ run, moment }: { run: string; moment: () => Moment }) {
    this.run = run;
    this.#moment = moment;
  }

  /** Numbers an answer that is about to be sent. */
  next(): { run: string; reply: number } {
    this.#last += 1;
    this.#sent.set(this.#last, this.#moment());
    if (this.#sent.size > REPLIES_MAX) this.#sent.delete(this.#last - REPLIES_MAX);
    return { run: this.run, reply: this.#last };
  }

  /** What an acknowledgement proves: nothing when it is of another process's answer, or of one too old to be known. */
  provedBy(ack: Ack | undefined): Contact | undefined {
    const sent = ack?.run === this.run ? this.#sent.get(ack.reply) : undefined;
    return sent && ack && { node: ack.node, epoch: ack.epoch, ...sent };
  }
}
